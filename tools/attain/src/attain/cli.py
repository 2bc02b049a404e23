"""The `attain` command: how a person works with a local instance. Each group of commands is a module of its own."""

import logging
from importlib import import_module
from typing import Any, override

import structlog
import typer
from typer.core import TyperGroup

COMMANDS = {
    "up": "attain.commands.up:up",
    "down": "attain.commands.down:down",
    "status": "attain.commands.status:status",
    "doctor": "attain.commands.doctor:doctor",
    "token": "attain.commands.token:token",
    "env": "attain.commands.env:env",
    "import": "attain.commands.import_:import_",
    "rebuild": "attain.commands.rebuild:rebuild_",
    "replay": "attain.commands.replay:replay",
    "ledger": "attain.commands.ledger:app",
    "reread": "attain.commands.reread:reread_",
    "parked": "attain.commands.parked:app",
    "events": "attain.commands.events:app",
    "demo": "attain.commands.demo:demo",
    "real": "attain.commands.real:real",
    "docs": "attain.commands.docs:docs",
}
"""Each command and where it is: a function, or a Typer app for one with commands of its own."""


class _Commands(TyperGroup):
    """Imports a command when it is asked for: `attain up` need not wait for what `attain import` needs."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # typer keeps the types of both to itself
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(cmd_name)(found)
            found = single
        return typer.main.get_command(found)


app = typer.Typer(name="attain", cls=_Commands, no_args_is_help=True, add_completion=False)


@app.callback()
def attain() -> None:
    """Run Attain 达成 on this machine and look inside."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
