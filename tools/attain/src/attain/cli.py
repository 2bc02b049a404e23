"""The `attain` command: how a person works with a local instance. Each group of commands is a module of its own."""

import typer

from attain.commands import doctor, down, import_, status, token, up

app = typer.Typer(
    name="attain",
    help="Run Attain 达成 on this machine and look inside.",
    no_args_is_help=True,
    add_completion=False,
)
app.command()(up.up)
app.command()(down.down)
app.command()(status.status)
app.command()(doctor.doctor)
app.command()(token.token)
app.command("import")(import_.import_)
