"""The files of an instance: chosen once, made again when they are lost."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli import app
from attain.instance.keys import ensure_keys
from attain.instance.layout import Configuration, Instance, write_private
from attain.instance.ports import Ports
from attain.processes.logs import last_error, rotate, tail
from attain.processes.users import RunAs


def test_a_home_folder_always_gets_the_same_ports_and_another_one_others(tmp_path: Path) -> None:
    first = Ports.choose(tmp_path / "one")
    assert Ports.choose(tmp_path / "one") == first
    numbers = {first.postgres, first.kafka, first.kafka_controller, *first.services.values()}
    assert len(numbers) == 3 + len(first.services)


def test_ports_in_use_are_left_alone(tmp_path: Path) -> None:
    usual = Ports.choose(tmp_path)
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", usual.services["reporting"]))
        foreign.listen()
        assert usual.taken() == [usual.services["reporting"]]
        other = Ports.choose(tmp_path)
        assert other.taken() == []
        assert other.postgres != usual.postgres


def test_a_lost_public_key_comes_back_and_still_fits_the_private_one(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    ensure_keys(instance)
    private, public = instance.issuer_key.read_text(), instance.jwks.read_text()
    instance.jwks.unlink()
    ensure_keys(instance)
    assert instance.issuer_key.read_text() == private
    assert json.loads(instance.jwks.read_text()) == json.loads(public)
    assert "d" not in json.loads(public)["keys"][0]
    assert stat.S_IMODE(instance.issuer_key.stat().st_mode) == 0o600


def test_a_broken_configuration_counts_as_lost(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    chosen = Configuration(ports=Ports.choose(tmp_path))
    write_private(instance.configuration_file, chosen.model_dump_json())
    assert instance.configuration() == chosen
    instance.configuration_file.write_text('{"ports": ')
    assert instance.configuration() is None


def test_an_instance_is_chosen_by_option_then_environment_then_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATTAIN_HOME", raising=False)
    assert (Instance.at().home.parent / "uv.lock").exists()
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "environment"))
    assert Instance.at().home == tmp_path / "environment"
    assert Instance.at(tmp_path / "option").home == tmp_path / "option"


def test_a_closed_folder_on_the_way_keeps_another_user_out(tmp_path: Path) -> None:
    folder = tmp_path / "closed" / "data"
    folder.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert not RunAs(uid=65_000, gid=65_000).may_enter(folder)
    assert not RunAs(uid=65_000, gid=65_000).may_enter(folder / "not" / "yet" / "there")
    assert RunAs(os.getuid(), os.getgid()).may_enter(tmp_path / "closed")


def test_a_log_is_set_aside_and_the_last_ones_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    for run in range(6):
        log.write_text(f"run {run}")
        rotate(log)
    kept = sorted(each.name for each in tmp_path.iterdir())
    assert kept == ["service.log.1", "service.log.2", "service.log.3"]
    assert (tmp_path / "service.log.1").read_text() == "run 5"


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "it broke", "level": "error"}',  # of another program: it names no time
        "2026-11-22 10:22:40.842 UTC [9386] FATAL:  the database system is starting up",
        "2026-11-22T10:22:43.872Z ERROR QuorumController the disk is full",
        "asyncpg.exceptions.UndefinedTableError: there is no such table",
    ],
)
def test_the_last_error_of_a_log_is_found(tmp_path: Path, line: str) -> None:
    log = tmp_path / "service.log"
    log.write_text(f'{line}\n{{"event": "it goes on", "level": "info"}}\n')
    assert last_error(log) == line
    assert tail(log, 1) == '{"event": "it goes on", "level": "info"}'


def test_an_error_of_a_service_is_shown_by_its_time_and_message(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text(
        '{"logger": "x", "level": "error", "time": "2026-11-22T10:00:00Z", "message": "it broke"}\n'
    )
    assert last_error(log) == "2026-11-22T10:00:00Z it broke"


@pytest.mark.parametrize("command", ["up", "down", "demo"])
def test_a_home_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path, command: str) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file where a folder should be")
    result = CliRunner().invoke(app, [command, "--home", str(blocked)])
    assert result.exit_code == 1
    assert f"{blocked} cannot be written (File exists)" in result.output
    assert "ATTAIN_HOME" in result.output
