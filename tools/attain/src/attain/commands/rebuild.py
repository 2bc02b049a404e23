"""`attain rebuild`."""

import asyncio
from typing import Annotated

import typer

from attain.access import projectors
from attain.commands.options import Home
from attain.commands.terminal import console, errors, plain_problems
from attain.instance.layout import Instance
from attain.problems import LocalProblem
from messaging import RebuildFailed, rebuild


def rebuild_(
    service: Annotated[
        str, typer.Argument(help="The service whose read tables are made anew.")
    ] = "reporting",
    home: Home = None,
) -> None:
    """Make a service's read tables anew from Kafka's offset 0, beside the live ones, and swap them."""
    with plain_problems(RebuildFailed), errors.status(f"Rebuilding {service}"):
        kept = projectors(Instance.at(home), service)
        if not kept:
            raise LocalProblem(f"{service} keeps no projection.")
        for projector in kept:
            events = asyncio.run(rebuild(projector))
            console.print(
                f"{service}: schema {projector.schema} rebuilt from {events} events.", highlight=False
            )
