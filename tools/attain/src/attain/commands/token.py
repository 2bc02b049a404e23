"""`attain token`."""

from datetime import timedelta
from typing import Annotated

import typer

from attain.access import COMMAND_LINE, issue_token
from attain.commands.options import Home
from attain.commands.terminal import plain_problems
from attain.instance.layout import Instance
from contracts import Role


def token(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")] = Role.operations,
    subject: Annotated[
        str, typer.Option("--for", help="The id of a person, or the name of a program.")
    ] = COMMAND_LINE,
    hours: Annotated[float, typer.Option(help="How long it is valid.", min=0.01, max=24 * 30)] = 12,
    home: Home = None,
) -> None:
    """Print a token of the instance's development issuer. A production setting refuses it."""
    with plain_problems():
        typer.echo(issue_token(Instance.at(home), role, subject=subject, lifetime=timedelta(hours=hours)))
