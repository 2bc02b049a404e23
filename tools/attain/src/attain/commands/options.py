"""Options that several commands have."""

from datetime import UTC, datetime
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

INSTANTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
"""How an instant may be written."""


def in_utc(instant: datetime | None) -> datetime | None:
    """The instant, in UTC unless it says its offset."""
    return instant if instant is None or instant.tzinfo else instant.replace(tzinfo=UTC)
