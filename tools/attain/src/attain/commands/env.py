"""`attain env`."""

from typing import Annotated

import typer

from attain.access import addresses, issue_token
from attain.commands.options import Home
from attain.commands.terminal import plain_problems
from attain.instance.layout import Instance
from contracts import Role


def env(
    role: Annotated[Role, typer.Option(help="What the bearer of the token may do.")] = Role.operations,
    home: Home = None,
) -> None:
    """Print the addresses of the services and a token as shell variables: eval "$(attain env)"."""
    with plain_problems():
        instance = Instance.at(home)
        for service, address in addresses(instance).items():
            typer.echo(f"export {service.upper()}={address}")
        typer.echo(f"export TOKEN={issue_token(instance, role)}")
