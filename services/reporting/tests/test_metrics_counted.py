"""What metrics make of facts."""

import asyncio
from datetime import date

import asyncpg
import pytest
from msgspec.structs import replace

from contracts.opportunities import OpportunityOpened, OpportunityWon
from contracts.targets import Condition, CountOrSum
from messaging import Projector
from messaging.sifting import sift
from testkit import eventually
from testkit.history import DealHistory, History
from testkit.projecting import arrivals, project

type Sum = tuple[str, int, int]


async def sums(looking: asyncpg.Connection) -> list[Sum]:
    """Metric, sum and count over everything, from the rollup; the facts must say the same."""
    rollup = await looking.fetch(
        "select metric, sum(sum)::int, sum(count)::int from rollup group by 1 order by 1"
    )
    facts = await looking.fetch(
        "select metric, sum(value)::int, count(*)::int from fact group by 1 order by 1"
    )
    assert rollup == facts
    return [(metric, total, count) for metric, total, count in rollup]


def two_wins(history: History) -> list[DealHistory]:
    return [
        history.deal(history.person(code), amount=amount, product_line=line).won()
        for code, amount, line in (("E1", 100, "cloud"), ("E2", 250, None))
    ]


def wins(field: str, operator: str, value: bool | str | list[str] | None) -> CountOrSum:
    condition = Condition.model_validate({"field": field, "operator": operator, "value": value})
    return CountOrSum(
        kind="count", event_type=OpportunityWon.type, credited_field="owner_id", conditions=[condition]
    )


async def test_an_event_of_an_unknown_type_is_kept_though_it_comes_alone(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    two_wins(history)
    *known, last = history.events
    await project(projecting, known)
    await project(projecting, [replace(last, type="opportunities.opportunity.dreamt_of.v1")])
    assert await looking.fetchval("select count(*) from event") == len(history.events)


@pytest.mark.capability("S161")
async def test_a_metric_defined_after_the_facts_equals_one_defined_before(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    before = history.sales_amount("product_line")
    two_wins(history)
    await project(projecting, history.events)
    definition = CountOrSum.model_validate(history.events[0].data["definition"])
    after = history.metric("defined_after", definition)
    await project(projecting, history.events)
    columns = "root, sequence, person_id, day, value, currency, dimensions"
    made = [
        await looking.fetch(f"select {columns} from fact where metric = $1", code) for code in (before, after)
    ]
    assert made[0] == made[1]
    assert await sums(looking) == [("defined_after", 350, 2), ("sales_amount", 350, 2)]


async def test_a_new_version_counts_all_of_history_anew(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    code = history.sales_amount()
    two_wins(history)
    await project(projecting, history.events)
    history.metric(code, wins("amount", "gt", "100"), version=2)
    await project(projecting, history.events)
    assert await sums(looking) == [(code, 1, 1)]
    assert await looking.fetchval("select version from metric") == 2


async def test_a_metric_defined_while_another_process_applies_facts_misses_none(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    two_wins(history)
    facts = len(history.events)
    code = history.sales_amount()
    other = projecting.beside(projecting.schema)

    async def waits() -> bool:
        return bool(await looking.fetchval("select count(*) from pg_locks where not granted"))

    async with projecting.transaction() as unit:
        await unit.apply(sift(arrivals(history.events[:facts]), {}))
        defining = asyncio.create_task(project(other, history.events[facts:]))
        await eventually(waits)
    await defining
    await other.close()
    assert await sums(looking) == [(code, 350, 2)]


async def test_a_voided_win_counts_no_more(projecting: Projector, looking: asyncpg.Connection) -> None:
    history = History()
    code = history.sales_amount()
    won = two_wins(history)
    await project(projecting, history.events)
    won[1].voided("win")
    await project(projecting, history.events)
    assert await sums(looking) == [(code, 100, 1)]
    assert await looking.fetchval("select count(*) from rollup") == 1
    won[1].won(300)
    await project(projecting, history.events)
    assert await sums(looking) == [(code, 400, 2)]


@pytest.mark.capability("S47")
async def test_a_won_opportunity_counts_for_the_owner_of_that_day(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    history.sales_amount("product_line")
    li, wang = history.person("E1"), history.person("E2")
    deal = history.deal(li, at=date(2026, 1, 5), amount=100, product_line="cloud").owner(wang).won().owner(li)
    await project(projecting, history.events)
    rows = await looking.fetch("select person_id, day, dimensions->>'product_line' from fact")
    assert [tuple(row) for row in rows] == [(wang, date(2026, 1, 7), "cloud")]
    assert deal.last.sequence == 4


@pytest.mark.parametrize(
    ("field", "operator", "value", "matching"),
    [
        ("amount", "eq", "250", 1),
        ("amount", "gte", "100.00", 2),
        ("amount", "lt", "1e2", 0),
        ("product_line", "eq", "cloud", 1),
        ("product_line", "ne", "cloud", 1),
        ("product_line", "in", ["cloud", "chips"], 1),
        ("product_line", "exists", True, 1),
        ("product_line", "exists", False, 1),
        ("product_line", "eq", None, 1),
        ("imported", "eq", False, 2),
        ("pipeline_version", "eq", "1", 2),
        ("expected_close_on", "lt", "2026-07-01", 0),
        ("no_such_field", "gt", "5", 0),
        ("currency", "gt", "5", 0),
        ("currency", "ne", 'CNY"', 2),
    ],
)
async def test_conditions_compare_numbers_as_numbers_and_text_as_text(
    projecting: Projector,
    looking: asyncpg.Connection,
    field: str,
    operator: str,
    value: bool | str | list[str] | None,
    matching: int,
) -> None:
    history = History()
    history.metric("matching", wins(field, operator, value))
    two_wins(history)
    await project(projecting, history.events)
    assert await looking.fetchval("select count(*) from fact") == matching


async def test_a_field_that_holds_something_else_makes_no_fact_and_no_error(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    for code, fields in {
        "no_number": {"kind": "sum", "value_field": "stage"},
        "no_value": {"kind": "sum", "value_field": "amount"},
        "no_day": {"kind": "count", "date_field": "stage"},
        "no_person": {"kind": "count", "credited_field": "stage"},
    }.items():
        plain = {"event_type": OpportunityOpened.type, "credited_field": "owner_id"}
        history.metric(code, CountOrSum.model_validate(plain | fields))
    history.deal(history.person("E1"))
    await project(projecting, history.events)
    assert await looking.fetchval("select count(*) from parked_root") == 0
    assert await sums(looking) == [("no_person", 1, 1)]
    assert await looking.fetchval("select person_id from fact") is None
