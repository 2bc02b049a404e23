"""Reports over HTTP, with token and scope: the figure of the whole company, that of a team, and the funnel, beside the
plain SQL aggregation over the table of opportunities.
"""

import json
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import asyncpg

from bench.ground import Bench
from bench.large import METRIC, MONTH, NEXT_MONTH, PEOPLE, company, organisation
from bench.rounds import percentile
from bench.serving import Access, Reader, on_fast_loop, serving
from bench.table import Row
from contracts import Role
from testkit import Database

MILLION = 1_000_000
WARMED, ASKED, AGGREGATED = 30, 1_500, 5
"""Requests of each report before and while it is measured, and runs of each aggregation."""

REACH_MS, REACH_OF_PLAIN, REACH_OF_GROWTH = 10.0, 50.0, 1.3
COMPARED_AT = 10
"""Millions at which a report is held against the plain aggregation."""

_DAYS = {"from": str(MONTH), "to": str(NEXT_MONTH)}

_SALES = f"""
    select sum(amount * case when currency = 'CNY' then 1 else (
        select rate from projection.rate where rate.currency = opportunity.currency and effective_on <= closed_on
        order by effective_on desc limit 1
    ) end)
    from projection.opportunity
    where state = 'won' and closed_on >= '{MONTH}' and closed_on < '{NEXT_MONTH}'
"""

_TEAM_SALES = f"""
    {_SALES} and exists (
        select from projection.membership join projection.unit on unit.id = membership.unit_id
        where unit.code = '{{team}}' and membership.person_id = opportunity.owner_id
          and membership.valid_from <= opportunity.closed_on and opportunity.closed_on < coalesce(
              (select 'infinity'::date from projection.person
               where person.id = membership.person_id and left_on = membership.valid_to), membership.valid_to)
    )
"""

_FUNNEL = f"""
    select count(*) from projection.opportunity
    where opened_on >= '{MONTH}' and opened_on < '{NEXT_MONTH}'
"""
"""Less than the report says: how many were opened, in the place of how they went through each stage."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report, who asks for it, and the aggregation that one would write without it. `figure` takes from its answer
    what the aggregation finds."""

    name: str
    path: str
    parameters: Mapping[str, str]
    asker: UUID
    role: Role
    plain: str

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.parameters)}"

    def figure(self, answer: Any) -> Decimal:
        if "total" in answer and isinstance(answer["total"], dict):
            return Decimal(answer["total"]["opened"])
        return Decimal(answer["items"][0]["actual"]["amount"])


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds of one report at one size."""

    asked: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


async def measure(bench: Bench) -> list[Row]:
    """At a million opportunities; in the long form at ten as well, in the same turns."""
    sizes = [1] if bench.scale == 1 else [1, bench.scale]
    companies = {size: await company(bench, size * MILLION) for size in sizes}
    databases = {size: database for size, (database, _) in companies.items()}
    seen = await on_fast_loop(lambda: _asked(bench, databases))
    rows = [
        _row(report, size, seen[size][report.name], companies[size][1])
        for report in _reports()
        for size in sizes
    ]
    if bench.scale > 1:
        rows += [_growth(report, sizes, seen) for report in _reports()]
    return rows


def _reports() -> list[Report]:
    told = organisation()
    sales = {"metric": METRIC, **_DAYS}
    director, supervisor = (told.director, Role.director), (told.supervisor, Role.supervisor)
    return [
        Report(
            "attainment of the company",
            "/v1/attainment",
            {**sales, "unit_code": told.company},
            *director,
            _SALES,
        ),
        Report(
            "attainment of a team",
            "/v1/attainment",
            {**sales, "unit_code": told.team},
            *supervisor,
            _TEAM_SALES.format(team=told.team),
        ),
        Report("funnel", "/v1/funnels/cohort", _DAYS, *director, _FUNNEL),
    ]


async def _asked(bench: Bench, databases: Mapping[int, Database]) -> dict[int, dict[str, Seen]]:
    """Asks every report at every size by turns, and aggregates beside them."""
    reports = _reports()
    seen = {size: {report.name: Seen() for report in reports} for size in databases}
    async with AsyncExitStack() as stack:
        access = stack.enter_context(Access.new())
        asking: list[tuple[int, Report, int, str]] = []
        for size, database in databases.items():
            port = await stack.enter_async_context(serving(bench, database, access, "reporting"))
            for report in reports:
                token = access.issuer.issue(str(report.asker), report.role)
                asking.append((size, report, port, token))
                async with database.connect() as looking:
                    await _aggregate(looking, report, port, token, seen[size][report.name])
        # No pause from here on: the service closes a connection on which nothing is asked.
        clients = [
            await stack.enter_async_context(Reader.connected(port, token)) for *_, port, token in asking
        ]
        for number in range(WARMED + ASKED):
            for client, (size, report, *_) in zip(clients, asking, strict=True):
                began = time.perf_counter()
                await client.get(report.target)
                if number >= WARMED:
                    seen[size][report.name].asked.append((time.perf_counter() - began) * 1000)
    return seen


async def _aggregate(looking: asyncpg.Connection, report: Report, port: int, token: str, seen: Seen) -> None:
    """Runs the aggregation, and holds the report against what it finds."""
    await looking.execute("set jit = off; set statement_timeout = 0")
    plain = None
    for _ in range(AGGREGATED):
        began = time.perf_counter()
        plain = await looking.fetchval(report.plain)
        seen.plain.append((time.perf_counter() - began) * 1000)
    async with Reader.connected(port, token) as client:
        figure = report.figure(json.loads(await client.get(report.target)))
    if round(Decimal(plain or 0), 2) != figure:
        raise RuntimeError(f"{report.name} says {figure}, the table of opportunities {plain}")


def _row(report: Report, millions: int, seen: Seen, seconds: float) -> Row:
    p50, p99, plain = percentile(seen.asked, 0.5), percentile(seen.asked, 0.99), percentile(seen.plain, 0.5)
    ratio = plain / p99
    compared = millions >= COMPARED_AT
    met = p99 <= REACH_MS and (not compared or ratio >= REACH_OF_PLAIN)
    reach = f"≤ {REACH_MS:g} ms" + (f", ≥ {REACH_OF_PLAIN:g} ×" if compared else "")
    remark = f"p50 {p50:.1f} ms; limit: plain SQL; {PEOPLE:,} people, made in {seconds:.0f} s"
    return Row(f"{report.name}, p99, {millions} m", p99, "ms", plain, ratio, reach, met, remark=remark)


def _growth(report: Report, sizes: list[int], seen: Mapping[int, Mapping[str, Seen]]) -> Row:
    small, large = (percentile(seen[size][report.name].asked, 0.99) for size in (sizes[0], sizes[-1]))
    name = f"{report.name}, {sizes[0]} m to {sizes[-1]} m"
    growth = large / small
    reach = f"≤ {REACH_OF_GROWTH:g} ×"
    return Row(name, large, "ms", small, growth, reach, growth <= REACH_OF_GROWTH)
