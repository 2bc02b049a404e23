"""Show a download: a bar on a terminal, one line in a log."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from attain.parts.download import Advance


@contextmanager
def download_progress(name: str, size: int) -> Iterator[Advance]:
    """Show the download of `size` bytes on standard error while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"Fetching {name} ({size / 1e6:.0f} MB)")
    columns = (
        TextColumn("Fetching {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=size)
        yield lambda count: progress.update(task, advance=count)
