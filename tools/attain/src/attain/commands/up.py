"""`attain up`."""

from collections.abc import Mapping, Sequence

import typer
from rich.table import Table

from attain.commands.options import Home
from attain.commands.terminal import console, errors
from attain.instance.layout import Instance
from attain.instance.lifecycle import bring_up
from attain.instance.ports import SERVICES
from attain.parts.cache import fetch_parts
from attain.problems import LocalProblem
from attain.processes.state import ProcessState
from attain.settings import LocalSettings


def up(home: Home = None) -> None:
    """Start PostgreSQL, Kafka and the services, and wait until they are ready."""
    start(Instance.at(home))


def start(
    instance: Instance,
    services: Sequence[str] = SERVICES,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Bring the instance up and show the addresses; end the command with a plain sentence when it does not come."""
    try:
        fetch_parts(LocalSettings())  # before the spinner: it shows bars of its own
        with errors.status("Starting") as spinner:
            bring_up(
                instance,
                told=lambda process: spinner.update(_sentence(process)),
                services=services,
                environment=environment,
            )
    except LocalProblem as problem:
        errors.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
        errors.print("`attain doctor` looks for what is missing or in the way.")
        raise typer.Exit(1) from problem
    console.print(addresses(instance))


def addresses(instance: Instance) -> Table:
    """Where the services of the instance answer."""
    table = Table("service", "address", "documentation", box=None, pad_edge=False)
    configuration = instance.configuration()
    for service, port in configuration.ports.services.items() if configuration else ():
        table.add_row(service, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/docs")
    return table


def _sentence(process: ProcessState) -> str:
    return f"{process.name} is {process.status}"
