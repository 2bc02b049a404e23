"""`attain status`."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import asyncpg
import psutil
import typer
from rich.table import Table

from attain.commands.options import Home
from attain.commands.terminal import console
from attain.instance.layout import Instance
from attain.instance.lifecycle import SUPERVISOR
from attain.instance.probe import Answer, ask
from attain.instance.traffic import traffic
from attain.parts.postgres import Postgres
from attain.processes.logs import last_error
from attain.processes.marks import find
from attain.processes.memory import memory_in_use
from attain.processes.state import ProcessState, Status


def status(home: Home = None) -> None:
    """Show the processes with their memory and last error, and what is under way between the services."""
    instance = Instance.at(home)
    running = find(instance.home)
    state = instance.state()
    if SUPERVISOR not in running:
        console.print(f"Nothing runs in {instance.home}. Start it with `attain up`.")
        raise typer.Exit(1)
    if state is None:
        console.print(f"{instance.state_file} is missing; the supervisor writes it again in a moment.")
        raise typer.Exit(1)
    console.print(_processes(state.processes, running, _ports(instance)))
    console.print()
    console.print(_traffic(instance))
    console.print(f"\nLogs: {instance.logs}", highlight=False, soft_wrap=True)
    for process in state.processes:
        if error := last_error(instance.logs / f"{process.name}.log"):
            console.print(
                f"Last error of {process.name}: {error}", markup=False, highlight=False, soft_wrap=True
            )


def _ports(instance: Instance) -> dict[str, int]:
    configuration = instance.configuration()
    return configuration.ports.services if configuration else {}


def standing(state: ProcessState, answers: Mapping[str, Answer | None]) -> str:
    """How a process stands: as the supervisor has it, but a service that was ready once may hang now, or be stuck."""
    if state.name not in answers:
        return state.status
    match answers[state.name]:
        case None:
            return "not answering"
        case Answer(status=HTTPStatus.OK):
            return state.status
        case Answer(status=HTTPStatus.SERVICE_UNAVAILABLE) as stuck:
            return f"not ready: {'; '.join(stuck.reasons)}"
        case odd:
            return f"answers {odd.status}"


def _answers(states: Iterable[ProcessState], ports: Mapping[str, int]) -> dict[str, Answer | None]:
    ready = [state.name for state in states if state.status is Status.ready and state.name in ports]
    return {name: ask(ports[name], "/readyz", _PATIENCE) for name in ready}


_PATIENCE = 3.0
"""Seconds; a service itself waits two for its database."""


def _processes(
    states: list[ProcessState], running: dict[str, psutil.Process], ports: dict[str, int]
) -> Table:
    answers = _answers(states, ports)
    table = Table("process", "status", "pid", "up for", "restarts", "memory", box=None, pad_edge=False)
    memory = {part: memory_in_use(process, below=part != SUPERVISOR) for part, process in running.items()}
    for state in (ProcessState(name=SUPERVISOR, status=Status.ready, pid=running[SUPERVISOR].pid), *states):
        if state.status is Status.done:
            continue
        table.add_row(
            state.name,
            standing(state, answers),
            str(state.pid or ""),
            _duration(state.since),
            str(state.restarts),
            f"{memory[state.name] / 2**20:.0f} MB" if state.name in memory else "",
        )
    table.caption = f"{sum(memory.values()) / 2**20:.0f} MB in all"
    return table


def _traffic(instance: Instance) -> Table | str:
    """Backlog, lag and parked roots; in a sentence, why they cannot be asked for."""
    configuration = instance.configuration()
    if configuration is None:
        return f"{instance.configuration_file} is missing; the supervisor writes it again in a moment."
    ports, password = configuration.ports, configuration.postgres_password
    try:
        services = asyncio.run(
            traffic(Postgres(Path(), instance.data / "postgres", ports.postgres, password))
        )
    except (OSError, asyncpg.PostgresError) as error:
        return f"The databases cannot be asked now: {error}"
    table = Table(
        "service", "unpublished", "consumer group", "behind", "parked", "alarm", box=None, pad_edge=False
    )
    for service in services:
        drift = f"{service.drifting} roots differ from their facts" if service.drifting else ""
        unpublished = "" if service.unpublished is None else str(service.unpublished)
        table.add_row(service.service, unpublished, "", "", "", drift)
        for group in service.groups:
            table.add_row("", "", group.group, str(group.behind), str(group.parked), "; ".join(group.alarms))
    return table


def _duration(since: datetime | None) -> str:
    return str(datetime.now(UTC) - since).split(".")[0] if since else ""
