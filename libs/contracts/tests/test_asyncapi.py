"""The AsyncAPI document is valid for the parser that the rest of the world uses."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import contracts
from contracts.asyncapi import asyncapi

VALIDATOR = Path(__file__).parent / "asyncapi"


@pytest.fixture(scope="session")
def validator() -> Path:
    """A folder with the pinned parser, installed once per lock file, outside the work tree."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are needed for @asyncapi/parser")
    pinned = hashlib.sha256((VALIDATOR / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attain" / "npm" / pinned
    if not (cache / "installed").exists():
        shutil.copytree(VALIDATOR, cache, dirs_exist_ok=True)
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(install, cwd=cache, check=True, timeout=300)
        (cache / "installed").touch()
    shutil.copy(VALIDATOR / "validate.js", cache)
    return cache


def validate(validator: Path, document: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", "validate.js"],
        cwd=validator,
        input=json.dumps(document),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def document() -> dict[str, Any]:
    return asyncapi(contracts.registry().values(), [], partitions=12)


def test_the_document_is_valid_and_holds_a_message_for_every_type(
    validator: Path, document: dict[str, Any]
) -> None:
    answer = validate(validator, document)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"version": "3.1.0", "messages": len(contracts.registry())}


def test_a_broken_document_is_refused(validator: Path, document: dict[str, Any]) -> None:
    document["operations"]["say_targets"]["channel"]["$ref"] = "#/channels/nowhere"
    del document["info"]["title"]
    answer = validate(validator, document)
    assert answer.returncode == 1
    assert "info" in answer.stderr


def test_a_service_sends_its_own_types_to_its_own_topic(document: dict[str, Any]) -> None:
    for service, channel in document["channels"].items():
        assert channel["address"] == f"attain-{service}"
        assert set(channel["messages"]) == {
            each.type for each in contracts.registry().values() if each.service == service
        }
