"""Every fenced block of the documentation is run, or says why not."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from testkit.documented import PAGES, Block, blocks

ROOT = Path(__file__).parents[1]
BLOCKS = blocks(ROOT)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def run(command: list[str], text: str) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    outcome = subprocess.run(
        [*command, text],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


CHECKS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "python": lambda text: run([sys.executable, "-c"], text),
    "bash": lambda text: run(["bash", "-euo", "pipefail", "-c"], text),
}


@pytest.mark.parametrize("block", [each for each in BLOCKS if not (each.run or each.not_run)], ids=str)
def test_an_unmarked_block_runs(block: Block) -> None:
    assert block.language in CHECKS, f"{block}: mark it, or choose one of {sorted(CHECKS)}"
    CHECKS[block.language](block.text)


def test_a_mark_is_one_that_somebody_reads() -> None:
    assert {each.run for each in BLOCKS if each.run} <= {"instance"}
    assert all(len(each.not_run) > 5 for each in BLOCKS if each.not_run is not None)


def test_every_link_inside_the_project_leads_somewhere() -> None:
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})
    assert len(pages) > 5
    links = [(page, link) for page in pages for link in LINK.findall(page.read_text())]
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    ("language", "planted"),
    [("json", "{'a': 1}"), ("toml", "a ="), ("yaml", "a: [1"), ("python", "1 / 0"), ("bash", "false; true")],
)
def test_a_planted_fault_in_a_block_is_found(language: str, planted: str) -> None:
    with pytest.raises((ValueError, AssertionError, yaml.YAMLError)):
        CHECKS[language](planted)
