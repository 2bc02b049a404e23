"""Customers, the calendar, targets and pipelines: the last word on each holds."""

from datetime import date

import asyncpg

from contracts.opportunities import CustomerChanged, CustomerOwnerChanged
from messaging import Projector
from testkit.history import STAGES, History
from testkit.projecting import project


async def test_a_customer_has_its_last_name_and_its_last_owner(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    li, wang = history.new_id("person"), history.new_id("person")
    kept = history.customer("Old name", sector="retail", owner=li)
    handed_over = history.customer("Handed over", owner=li)
    history.say(CustomerOwnerChanged(customer_id=handed_over, owner_id=wang, previous_owner_id=li))
    history.say(
        CustomerChanged(
            customer_id=kept,
            name="New name",
            sector=None,
            country="China",
            parent_id=handed_over,
            owner_id=li,
        )
    )
    await project(projecting, history.events)
    columns = "name, sector, country, parent_id, owner_id"
    rows = await looking.fetch(f"select {columns} from customer order by name")
    assert [tuple(row) for row in rows] == [
        ("Handed over", None, None, None, wang),
        ("New name", None, "China", handed_over, li),
    ]


async def test_working_days_leave_out_holidays_and_take_in_make_up_days(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    history.working_time(2026, weekdays=range(1, 8))
    history.working_time(2026, holidays=[date(2026, 10, 1)], workdays=[date(2026, 10, 10)])
    history.working_time(2027)
    await project(projecting, history.events)
    week = await looking.fetch(
        "select day from working_day where day between '2026-09-28' and '2026-10-11' order by day"
    )
    worked = [28, 29, 30, 2, 5, 6, 7, 8, 9, 10]
    assert [day.day for (day,) in week] == worked
    assert await looking.fetchval("select count(*) from working_day") == 261 + 261


async def test_of_two_rates_of_a_day_and_two_periods_of_a_code_the_later_holds(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    history.rate("USD", "7.1")
    history.rate("USD", "7.2")
    history.rate("USD", "7.3", on=date(2026, 7, 1))
    history.period("2026-Q1", date(2026, 1, 1), date(2026, 4, 1))
    history.period("2026-Q1", date(2026, 1, 1), date(2026, 3, 1))
    await project(projecting, history.events)
    rates = await looking.fetch("select rate::text from rate order by effective_on")
    assert [rate for (rate,) in rates] == ["7.2", "7.3"]
    assert await looking.fetchval("select ends_on from period") == date(2026, 3, 1)


async def test_a_target_keeps_its_original_value_beside_each_revision(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    target = history.target("sales_amount", "2026-Q1", 1000, challenge=1200, person=history.new_id("person"))
    history.revise(target, 800, date(2026, 2, 1))
    history.revise(target, 900, date(2026, 2, 1))
    history.revise(target, 950, date(2026, 3, 1))
    history.withdraw(target, date(2026, 3, 2))
    await project(projecting, history.events)
    values = await looking.fetch(
        "select effective_on::text, base::int from target_revision order by sequence"
    )
    assert [tuple(value) for value in values] == [
        ("2026-02-01", 800),
        ("2026-02-01", 900),
        ("2026-03-01", 950),
    ]
    found = await looking.fetchrow("select state, base::int, challenge::int from target")
    assert found is not None
    assert tuple(found) == ("withdrawn", 1000, 1200)


async def test_every_version_of_a_pipeline_keeps_its_stages_in_their_order(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    history.pipeline()
    history.pipeline({"intent": "意向", "contract": "合同"}, version=2)
    await project(projecting, history.events)
    stages = await looking.fetch(
        "select pipeline_version, stage from pipeline_stage order by pipeline_version, position"
    )
    assert [tuple(each) for each in stages] == [
        *((1, stage) for stage in STAGES),
        (2, "intent"),
        (2, "contract"),
    ]
    assert await looking.fetchval("select version from pipeline") == 2
