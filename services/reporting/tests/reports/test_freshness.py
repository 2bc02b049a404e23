"""How fresh reports are, and reading what one has just written."""

import asyncio
from datetime import date
from typing import Any

import pytest

from testkit.history import STAGES, History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}


@pytest.mark.capability("S145")
async def test_a_report_waits_for_the_change_that_the_asker_has_just_made(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    wang = history.person("E1")
    deal = history.deal(wang, at=date(2026, 7, 2), amount=10)
    await reports.hear(history)
    deal.won()
    token = f"{deal.id}@2"
    asked: dict[str, Any] = {
        "metric": "sales_amount",
        "from_": "2026-07-01",
        "to": "2026-08-01",
        "subject_kind": "person",
    }
    waiting = asyncio.create_task(reports.read("attainment", **asked, after=token))
    by_header = asyncio.create_task(reports.read("attainment", **asked, headers={"Attain-After": token}))
    done, _ = await asyncio.wait({waiting, by_header}, timeout=0.2)
    assert not done, "both wait"
    await reports.hear(history)
    for answer in await asyncio.gather(waiting, by_header):
        assert answer["items"][0]["actual"]["amount"] == "10.00"


async def test_a_change_that_does_not_arrive_is_said_to_be_missing(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reporting.freshness.LONGEST_WAIT", 0.05)
    answer = await reports.ask("freshness", after="0199d1a2-0000-7000-8000-000000000009@1")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_yet_applied")
    assert answer.headers["Retry-After"] == "1"
    for no_token in ("soon", "soon@", "0199d1a2-0000-7000-8000-000000000009@99999999999999999999"):
        malformed = await reports.ask("freshness", after=no_token)
        assert (malformed.status_code, malformed.json()["code"]) == (422, "token_malformed")


async def test_freshness_tells_what_was_applied_last_and_what_is_behind(reports: Reports) -> None:
    async with reports.api.database.connect() as connection:
        await connection.execute("""
            truncate projection.consumer_position;
            insert into projection.consumer_position
                (consumer_group, topic, partition, next_offset, end_offset, epoch, last_recorded_at)
            values ('reporting', 'attain-targets', 0, 5, 7, 1, '2026-07-01T00:00:00Z'),
                   ('reporting', 'attain-targets', 1, 3, 3, 1, '2026-07-02T00:00:00Z')
        """)
    told = {"applied_to": "2026-07-02T00:00:00Z", "behind_events": 2, "parked_roots": 0}
    assert await reports.read("freshness") == told
    history = History()
    history.sales_amount()
    history.pipeline(STAGES)
    await reports.hear(history)
    for path, asked in (
        ("opportunities", {}),
        ("attainment", {"metric": "sales_amount", **YEAR}),
        ("cycle", YEAR),
        ("funnels/cohort", YEAR),
        ("funnels/flow", YEAR),
        ("funnels/snapshot", {}),
    ):
        in_json = (await reports.read(path, **asked))["freshness"]
        in_csv = (await reports.ask(path, **asked, format="csv")).headers
        assert in_csv["Attain-Applied-To"] == in_json["applied_to"]
        assert in_csv["Attain-Behind-Events"] == str(in_json["behind_events"]) == "2"
        assert in_csv["Attain-Parked-Roots"] == str(in_json["parked_roots"])
    assert (await reports.read("metrics"))["freshness"] == told


@pytest.mark.capability("S161")
async def test_the_metrics_in_force_are_listed_with_their_version(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    history.sales_amount("product_line")
    await reports.hear(history)
    [metric] = (await reports.read("metrics"))["items"]
    assert (metric["code"], metric["kind"], metric["dimensions"]) == ("sales_amount", "sum", ["product_line"])
    assert await reports.read("metrics/sales_amount") == metric
    assert (await reports.ask("metrics/luck")).status_code == 404
