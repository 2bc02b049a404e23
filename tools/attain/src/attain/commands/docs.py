"""`attain docs`."""

from typing import Annotated

import typer
from rich.console import Console

from attain.documents import generate, stale, write
from attain.documents.catalogue import CatalogueFault
from attain.instance.layout import checkout
from contracts.published import Altered, Incompatible

errors = Console(stderr=True)


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a document is stale.")
    ] = False,
) -> None:
    """Write the generated documents anew: schemas, events, API, settings, problem codes, catalogue."""
    root = checkout()
    try:
        documents = generate(root)
    except (Altered, Incompatible, CatalogueFault) as fault:
        errors.print(str(fault), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from fault
    changed = stale(root, documents) if check else write(root, documents)
    for path in changed:
        typer.echo(f"{'stale' if check else 'written'}: {path}")
    if check and changed:
        errors.print("run `make docs` and commit what it writes", style="red")
        raise typer.Exit(1)
