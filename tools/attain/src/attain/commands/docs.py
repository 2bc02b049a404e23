"""`attain docs`."""

from tomllib import TOMLDecodeError
from typing import Annotated

import typer

from attain.commands.terminal import errors, plain_problems
from attain.documents import generate, stale, write
from attain.documents.catalogue import CatalogueFault
from attain.instance.layout import checkout
from contracts.published import Altered, Incompatible


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a document is stale.")
    ] = False,
) -> None:
    """Write the generated documents anew: schemas, events, API, settings, problem codes, catalogue."""
    root = checkout()
    with plain_problems(Altered, Incompatible, CatalogueFault, TOMLDecodeError):
        documents = generate(root)
    changed = stale(root, documents) if check else write(root, documents)
    for path in changed:
        typer.echo(f"{'stale' if check else 'written'}: {path}")
    if check and changed:
        errors.print("run `make docs` and commit what it writes", style="red")
        raise typer.Exit(1)
