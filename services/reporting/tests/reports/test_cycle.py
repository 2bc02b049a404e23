"""How long deals take."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from testkit.history import History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}


@pytest.mark.capability("S100")
async def test_the_cycle_is_the_difference_of_dates_from_first_contact_to_close(reports: Reports) -> None:
    history = History()
    north, south = history.unit("north"), history.unit("south")
    wang, li = history.person("E1", unit=north), history.person("E2", unit=south)
    opened = date(2026, 3, 2)
    contact = datetime(2026, 3, 9, 15, 59, tzinfo=UTC)  # still the 9th in the business zone
    close = datetime(2026, 3, 19, 16, 0, tzinfo=UTC)  # already the 20th
    history.deal(wang, at=opened, product_line="cloud").interaction(at=contact).won(at=close)  # 11 days
    history.deal(li, at=opened, product_line="box").won(at=date(2026, 3, 22))  # 20 days: no contact logged
    history.deal(li, at=opened).lost(at=date(2026, 4, 1)).interaction(
        at=date(2026, 4, 2)
    )  # 30: contact too late
    history.deal(li, at=opened)
    history.deal(li, at=date(2025, 1, 1)).won(at=date(2025, 12, 31))  # closed in another year
    await reports.hear(history)

    won = await reports.read("cycle", **YEAR)
    assert won["total"] == {
        "closed": 2,
        "mean_days": {"numerator": "31", "denominator": "2", "value": "15.500000"},
        "median_days": "15.5",
    }
    closed = await reports.read("cycle", outcome="closed", group_by="unit", **YEAR)
    assert closed["total"]["mean_days"]["value"] == "20.333333"
    assert [(group["code"], group["closed"], group["median_days"]) for group in closed["items"]] == [
        ("north", 1, "11"),
        ("south", 2, "25"),
    ]
    by_line = await reports.read("cycle", outcome="closed", group_by="product_line", **YEAR)
    assert [group["code"] for group in by_line["items"]] == ["box", "cloud", None]
    of_south = await reports.read("cycle", outcome="lost", unit_code="south", **YEAR)
    assert of_south["total"]["mean_days"]["value"] == "30.000000"
    as_csv = await reports.ask("cycle", outcome="closed", group_by="unit", format="csv", **YEAR)
    assert as_csv.text.splitlines()[1:] == ["north,north,1,11,11.000000,11", "south,south,2,50,25.000000,25"]


async def test_the_cycle_of_nothing_is_undefined(reports: Reports) -> None:
    answer = await reports.read("cycle", **YEAR)
    assert answer["total"]["mean_days"]["value"] is None
    assert answer["total"]["median_days"] is None
