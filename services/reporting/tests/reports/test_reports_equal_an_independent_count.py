"""Attainment and the cohort funnel, counted a second time from the same events in plain Python, without SQL."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from contracts import Received
from testkit.history import History

from .conftest import Reports

YEAR: dict[str, Any] = {"from_": "2026-01-01", "to": "2027-01-01"}
STAGES = ("prospect", "intent", "proposal", "contract")
MOVED, TODAY = date(2026, 5, 1), datetime.now(UTC).date()


class Company:
    """Two teams, six people of whom every third moves in May, and sixty eventful deals, half of them in dollars."""

    def __init__(self, random: Random) -> None:
        self.history = History()
        self.history.pipeline()
        self.history.sales_amount()
        self.history.rate("USD", "7", date(2026, 1, 1))
        self.history.rate("USD", "8", date(2026, 4, 1))
        top = self.history.unit("company")
        self.teams = {code: self.history.unit(code, parent=top) for code in ("north", "south")}
        codes = list(self.teams)
        self.first = {self.history.person(f"E{n}", unit=self.teams[codes[n % 2]]): n % 2 for n in range(6)}
        self.movers = set(list(self.first)[::3])
        for mover in self.movers:
            self.history.move(mover, self.teams[codes[1 - self.first[mover]]], MOVED)
        for _ in range(60):
            self.play(random)

    def play(self, random: Random) -> None:
        people = list(self.first)
        at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=random.randrange(2400))
        money: dict[str, Any] = {
            "amount": random.randrange(100, 900),
            "currency": random.choice(["CNY", "USD"]),
        }
        deal = self.history.deal(random.choice(people), at=at, **money)
        for _ in range(random.randrange(2, 9)):
            at += timedelta(hours=random.randrange(1, 400))
            stands = STAGES.index(deal.stage)
            match random.randrange(6):
                case 0:
                    deal.owner(random.choice(people), at=at)
                case 1 if stands:
                    deal.moved(STAGES[stands - 1], at=at, step_back=True)
                case 2:
                    deal.lost(at=at)
                    deal.voided("loss", at=at) if random.random() < 0.5 else deal.reopened(at=at)
                case _ if stands < len(STAGES) - 1:
                    deal.moved(STAGES[stands + 1], at=at)
                case _:
                    deal.won(at=at)
                    if random.random() < 0.6:
                        return
                    deal.voided("win", at=at + timedelta(hours=1))
                    at += timedelta(hours=1)
        if random.random() < 0.2:
            deal.voided("opportunity", at=at + timedelta(hours=1))

    def unit(self, person: str, day: date) -> str:
        moved = UUID(person) in self.movers and day >= MOVED
        return ("north", "south")[self.first[UUID(person)] ^ moved]

    def deals(self) -> Iterator[list[Received]]:
        """The facts of each deal that count, in order."""
        roots: dict[str, list[Received]] = defaultdict(list)
        for event in self.history.events:
            if event.type.startswith("opportunities.opportunity."):
                roots[event.root].append(event)
        for events in roots.values():
            void = {event.data.get("voided_event_id") for event in events}
            if str(events[0].id) not in void:
                yield [e for e in events if str(e.id) not in void and ".voided." not in e.type]


def day_of(event: Received) -> date:
    return event.occurred_at.astimezone(ZoneInfo("Asia/Shanghai")).date()


def sales(company: Company, attribution: str, until: datetime) -> dict[str, str]:
    totals = dict.fromkeys(("company", "north", "south"), Decimal(0))
    for facts in company.deals():
        for win in (fact for fact in facts if ".won." in fact.type and fact.occurred_at <= until):
            day = day_of(win)
            rate = 1 if win.data["currency"] == "CNY" else 8 if day >= date(2026, 4, 1) else 7
            as_was = attribution == "as_was"
            unit = company.unit(
                *((win.data["owner_id"], day) if as_was else (facts[-1].data["owner_id"], TODAY))
            )
            for each in ("company", unit):
                totals[each] += Decimal(win.data["amount"]) * rate
    return {code: f"{total:.2f}" for code, total in totals.items()}


def funnel(company: Company, until: datetime) -> dict[str, Counter[str]]:
    stages: dict[str, Counter[str]] = {stage: Counter() for stage in STAGES}
    for facts in company.deals():
        stands = None
        for fact in (fact for fact in facts if fact.occurred_at <= until):
            kind = fact.type.split(".")[2]
            if stands and kind in ("stage_changed", "won", "lost"):
                left = "lost" if kind == "lost" else "returned" if fact.data.get("step_back") else "advanced"
                stages[stands].update([left])
                stands = None
            if kind in ("opened", "stage_changed", "reopened"):
                stands = fact.data["stage"]
                stages[stands].update(["entered"])
        if stands:
            stages[stands].update(["open"])
    return stages


@pytest.mark.parametrize("seed", range(3))
async def test_reports_equal_an_independent_count(reports: Reports, seed: int) -> None:
    company = Company(Random(seed))
    await reports.hear(company.history)
    for until in (datetime(2026, 12, 31, tzinfo=UTC), datetime(2026, 4, 10, 7, tzinfo=UTC)):
        past = {"as_of": until.isoformat()}
        for attribution in ("as_was", "as_is"):
            asked = {"metric": "sales_amount", **YEAR, **past, "attribution": attribution}
            answer = await reports.read("attainment", **asked)
            found = {row["subject"]["code"]: row["actual"]["amount"] for row in answer["items"]}
            assert found == sales(company, attribution, until)
        cohort = await reports.read("funnels/cohort", **YEAR, **past)
        counted = funnel(company, until)
        for row in cohort["items"]:
            ways = ("entered", "advanced", "lost", "returned", "open")
            assert {way: row[way] for way in ways} == {
                way: counted[row["stage"]["code"]][way] for way in ways
            }


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_kept_for_the_whole_company_equals_what_its_rows_say(
    reports: Reports, seed: int
) -> None:
    company = Company(Random(seed))
    heard = company.history.events
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    company.history.deal(next(iter(company.first)), at=ahead - timedelta(days=40)).moved("intent", at=ahead)
    company.history.deal(next(iter(company.first)), at=ahead)
    assert heard[-1].occurred_at > datetime.now(UTC)
    await reports.hear(company.history)
    asked: dict[str, Any] = {"metric": "sales_amount", **YEAR}
    [row] = (await reports.read("attainment", **asked, unit_code="company"))["items"]
    assert row["actual"]["amount"] == sales(company, "as_was", datetime(2027, 1, 1, tzinfo=UTC))["company"]
    counted, read = [
        await reports.read("funnels/cohort", from_=first, to=last)
        for first, last in (("2026-01-01", "2028-01-01"), ("2026-01-02", "2028-01-02"))
    ]
    for each in (counted, read):
        for stage in each["items"]:
            for days in (
                "average_cycle_days",
                "average_dwell_days",
            ):  # the clock goes on between two requests
                stage[days] = {
                    **stage[days],
                    "numerator": 0,
                    "value": round(float(stage[days]["value"] or 0), 2),
                }
    assert (counted["items"], counted["total"]) == (read["items"], read["total"])
