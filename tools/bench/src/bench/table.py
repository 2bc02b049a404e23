"""The table that a run ends with, and the same as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.rounds import Figure


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: the product's figure, the limit's of the same run, their ratio, and what is to be reached.

    `reach` says it in words, `met` whether it is. `spread` is the distance between highest and lowest round, as a
    part of the median.
    """

    measure: str
    product: float
    unit: str
    limit: float | None
    ratio: float | None
    reach: str
    met: bool
    spread: float = 0.0
    remark: str = ""


def at_least(measure: str, product: Figure, limit: Figure, reach: float, unit: str, remark: str = "") -> Row:
    """A row of which more is better: product over limit reaches at least `reach`."""
    ratio = product.median / limit.median
    words = f"≥ {reach:g} ×"
    spread = max(product.spread, limit.spread)
    return Row(measure, product.median, unit, limit.median, ratio, words, ratio >= reach, spread, remark)


def at_most(measure: str, product: float, reach: float, unit: str, remark: str = "") -> Row:
    """A row of which less is better, against a fixed bound."""
    return Row(measure, product, unit, None, None, f"≤ {reach:g} {unit}", product <= reach, remark=remark)


def show(rows: Sequence[Row], console: Console) -> None:
    """Prints the table."""
    table = Table(
        "measure", "product", "limit", "ratio", "reach", "met", "spread", "", box=None, pad_edge=False
    )
    for row in rows:
        table.add_row(
            row.measure,
            f"{row.product:,.4g} {row.unit}" if row.product < 1000 else f"{row.product:,.0f} {row.unit}",
            "" if row.limit is None else f"{row.limit:,.4g}" if row.limit < 1000 else f"{row.limit:,.0f}",
            "" if row.ratio is None else f"{row.ratio:.3g}",
            row.reach,
            "yes" if row.met else "no",
            f"{row.spread:.0%}" if row.spread else "",
            row.remark,
        )
    console.print(table)


def write(rows: Sequence[Row], path: Path) -> None:
    """Writes the rows as a list of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2) + "\n")
