"""An instance comes up whole, mends what breaks, is found again after its files were lost, and goes down whole.

The tests of this file share one instance and go through its life in order.
"""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli import app
from attain.instance.layout import Instance, State
from attain.instance.lifecycle import SUPERVISOR, bring_up, take_down
from attain.instance.probe import answers
from attain.parts.postgres import running_server
from attain.processes.marks import find, runs
from testkit import eventually
from testkit.servers import open_folder

RUNNING = ("targets",)
"""One service is enough to see processes live and die."""


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    with open_folder() as folder:
        made = Instance(folder / "home")
        yield made
        take_down(made)


def up(instance: Instance) -> State:
    return bring_up(instance, told=lambda _: None, services=RUNNING)


def test_everything_answers_once_it_is_up(instance: Instance) -> None:
    state = up(instance)
    assert state.is_up
    configuration = instance.configuration()
    assert configuration
    assert all(answers(configuration.ports.services[name], "/readyz") for name in RUNNING)


def test_a_second_up_finds_everything_running(instance: Instance) -> None:
    before = find(instance.home)
    up(instance)
    assert find(instance.home) == before


def test_status_shows_every_process_and_what_is_under_way(instance: Instance) -> None:
    shown = CliRunner().invoke(app, ["status", "--home", str(instance.home)], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    for name in (SUPERVISOR, "postgres", "kafka", *RUNNING, "unpublished", "parked", "MB in all"):
        assert name in shown.output


def test_status_tells_of_a_service_that_runs_and_does_not_answer(instance: Instance) -> None:
    targets = find(instance.home)["targets"]
    targets.suspend()
    try:
        shown = CliRunner().invoke(app, ["status", "--home", str(instance.home)], env={"COLUMNS": "200"})
    finally:
        targets.resume()
    assert "not answering" in shown.output


async def test_events_of_a_service_are_shown_by_their_type(instance: Instance) -> None:
    asked = ["events", "kafka", "targets", "--type", "targets.metric", "--home", str(instance.home)]

    async def published() -> None:
        shown = await asyncio.to_thread(CliRunner().invoke, app, asked)
        assert shown.exit_code == 0, shown.output
        assert "targets.metric.defined.v1" in shown.output, shown.output

    await eventually(published, timeout=60)


def test_a_service_is_replayed_over_http_from_where_the_cursor_lies(
    instance: Instance, tmp_path: Path
) -> None:
    kept = ["--cursor", str(tmp_path / "cursor"), "--home", str(instance.home)]
    first = CliRunner().invoke(app, ["events", "replay", "targets", "--type", "targets.metric", *kept])
    assert first.exit_code == 0, first.output
    types = {json.loads(line)["type"] for line in first.output.splitlines()}
    assert types == {"targets.metric.defined.v1"}
    assert CliRunner().invoke(app, ["events", "replay", "targets", *kept]).output == ""


async def test_a_service_that_dies_is_started_again(instance: Instance) -> None:
    find(instance.home)["targets"].kill()

    def back() -> None:
        state = instance.state()
        assert state
        targets = next(each for each in state.processes if each.name == "targets")
        assert targets.restarts == 1
        assert targets.is_up, targets.status

    await eventually(back, timeout=60, every=0.1)


def test_an_instance_is_found_again_when_its_files_are_lost(instance: Instance) -> None:
    supervisor, configuration = find(instance.home)[SUPERVISOR], instance.configuration()
    keys = instance.jwks.read_text()
    for file in (instance.state_file, instance.configuration_file, instance.jwks, instance.issuer_key):
        file.unlink()
    up(instance)
    assert find(instance.home)[SUPERVISOR] == supervisor

    assert instance.configuration() == configuration
    assert instance.jwks.read_text() == keys


def test_an_instance_comes_up_again_after_its_supervisor_was_killed_and_its_files_lost(
    instance: Instance,
) -> None:
    running = find(instance.home)
    server = running_server(instance.data / "postgres")
    running[SUPERVISOR].kill()
    for file in (instance.state_file, instance.configuration_file):
        file.unlink()
    state = up(instance)
    assert state.is_up
    assert not any(runs(process) for process in running.values())
    assert running_server(instance.data / "postgres") != server


def test_down_ends_all_that_is_its_own_and_nothing_else(instance: Instance) -> None:
    own = [
        process for top in find(instance.home).values() for process in (top, *top.children(recursive=True))
    ]
    foreign = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        _blame(instance, foreign.pid)
        gone = CliRunner().invoke(app, ["down", "--home", str(instance.home)])
        assert gone.exit_code == 0
        assert "postgres" in gone.output
        assert [process for process in own if runs(process)] == []
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()
    assert (instance.data / "postgres" / "PG_VERSION").exists()


def test_down_has_nothing_to_do_where_nothing_runs(tmp_path: Path) -> None:
    home = tmp_path / "never-brought-up"
    said = CliRunner().invoke(app, ["down", "--home", str(home)])
    assert said.exit_code == 0
    assert "Nothing runs" in said.output


def _blame(instance: Instance, pid: int) -> None:
    """Say in the instance's files that a process of somebody else is the supervisor."""
    state = instance.state()
    assert state
    instance.state_file.write_text(state.model_copy(update={"supervisor_pid": pid}).model_dump_json())
