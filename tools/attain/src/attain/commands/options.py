"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the instance; default ATTAIN_HOME, else `.attain` in the checkout.",
        show_default=False,
    ),
]
