"""Two columns side by side: what reporting says and what the file says, with every difference marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rich.table import Table

from attain.real.spreadsheet import Figures


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure as reporting gives it and as the file does; None where one of them does not have it."""

    name: str
    reported: Decimal | None
    computed: Decimal | None

    @property
    def equal(self) -> bool:
        return self.reported == self.computed


def compare(reported: Figures, computed: Figures) -> list[Compared]:
    """Every figure of either side, in the order of the file's."""
    names = list(dict.fromkeys([*computed, *reported]))
    return [Compared(name, reported.get(name), computed.get(name)) for name in names]


def table(rows: Iterable[Compared], title: str) -> Table:
    """The rows for a terminal."""
    shown = Table("figure", title=title, title_justify="left", box=None, pad_edge=False)
    for column in ("reporting", "file", ""):
        shown.add_column(column, justify="right")
    for row in rows:
        mark = "[green]equal[/]" if row.equal else "[red]DIFFERENT[/]"
        shown.add_row(row.name, _shown(row.reported), _shown(row.computed), mark)
    return shown


def _shown(figure: Decimal | None) -> str:
    return "–" if figure is None else f"{figure:,f}".removesuffix(".00")
