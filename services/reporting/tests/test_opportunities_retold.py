"""What the facts of an opportunity become: its row, its past and its visits."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from messaging import Projector
from testkit.history import STAGES, DealHistory, History
from testkit.projecting import project

OPENED_ON = date(2026, 1, 5)


def opened(history: History, **attributes: Any) -> DealHistory:
    return history.deal(history.new_id("person"), at=OPENED_ON, **attributes)


async def row(looking: asyncpg.Connection, deal: DealHistory) -> asyncpg.Record:
    found = await looking.fetchrow("select * from opportunity where id = $1", deal.id)
    assert found is not None
    return found


async def visits(looking: asyncpg.Connection, deal: DealHistory) -> list[tuple[str, str | None, bool]]:
    """Stage, exit and whether it was a re-entry, in order."""
    rows = await looking.fetch(
        "select stage, exit, reentry from stage_visit where opportunity_id = $1 order by visit", deal.id
    )
    return [(each["stage"], each["exit"], each["reentry"]) for each in rows]


async def past(looking: asyncpg.Connection, deal: DealHistory) -> list[tuple[str, int, int | None]]:
    """State, amount and length in days of each interval, in order; the current one has no end."""
    rows = await looking.fetch(
        """
        select state, amount::int, case when valid_to < 'infinity' then extract(day from valid_to - valid_from)::int end
        from opportunity_history where opportunity_id = $1 order by valid_from
        """,
        deal.id,
    )
    return [(state, amount, days) for state, amount, days in rows]


@pytest.mark.capability("F1")
async def test_the_visits_hold_the_funnel_table(projecting: Projector, looking: asyncpg.Connection) -> None:
    history = History()
    for furthest, deals, lost in (
        ("prospect", 84, 48),
        ("intent", 18, 9),
        ("proposal", 8, 4),
        ("contract", 10, 0),
    ):
        for number in range(deals):
            deal = opened(history)
            for stage in list(STAGES)[1 : list(STAGES).index(furthest) + 1]:
                deal.moved(stage)
            if number < lost:
                deal.lost()
    await project(projecting, history.events)
    found = await looking.fetch("select stage, exit from stage_visit")
    assert Counter((each["stage"], each["exit"]) for each in found) == {
        ("prospect", "advanced"): 36,
        ("prospect", "lost"): 48,
        ("prospect", None): 36,
        ("intent", "advanced"): 18,
        ("intent", "lost"): 9,
        ("intent", None): 9,
        ("proposal", "advanced"): 10,
        ("proposal", "lost"): 4,
        ("proposal", None): 4,
        ("contract", None): 10,
    }


async def test_winning_is_advancing_and_a_skipped_stage_is_not_entered(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    deal = opened(history, imported=True).moved("proposal").won(500)
    await project(projecting, history.events)
    assert await visits(looking, deal) == [("prospect", "advanced", False), ("proposal", "advanced", False)]
    assert (await row(looking, deal))["closed_on"] == date(2026, 1, 7)


async def test_a_step_back_returns_and_a_reopening_enters_again(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    deal = opened(history).moved("intent").moved("prospect", step_back=True).lost().reopened()
    await project(projecting, history.events)
    assert await visits(looking, deal) == [
        ("prospect", "advanced", False),
        ("intent", "returned", False),
        ("prospect", "lost", True),
        ("prospect", None, True),
    ]
    now = await row(looking, deal)
    assert (now["state"], now["closed_at"], now["loss_reason"]) == ("open", None, None)


@pytest.mark.capability("S162")
async def test_a_voided_win_never_happened_and_stays_in_the_history(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    deal = opened(history, amount=100).moved("intent").won(500)
    await project(projecting, history.events)
    assert await past(looking, deal) == [("open", 100, 1), ("open", 100, 1), ("won", 500, None)]
    deal.voided("win").amount(120)
    await project(projecting, history.events)
    assert await past(looking, deal) == [("open", 100, 1), ("open", 100, 3), ("open", 120, None)]
    assert await visits(looking, deal) == [("prospect", "advanced", False), ("intent", None, False)]
    voided = await looking.fetch(
        "select type, voided from event where root = $1 order by sequence", str(deal.id)
    )
    assert [each["voided"] for each in voided] == [False, False, True, False, False]


async def test_a_void_opportunity_was_never_opened_but_its_money_stays(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    history.collected_amount()
    deal = opened(history).moved("intent").receipt(70).voided("opportunity").receipt(5)
    await project(projecting, history.events)
    now = await row(looking, deal)
    assert (now["state"], now["opened_at"], now["stage_since"]) == ("void", None, None)
    assert len(await past(looking, deal)) == 1
    assert await visits(looking, deal) == []
    assert await looking.fetchval("select sum(sum) from rollup where metric = 'collected_amount'") == 75


async def test_the_past_knows_the_owner_of_each_instant(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    li, wang = history.new_id("person"), history.new_id("person")
    deal = history.deal(li, at=OPENED_ON).owner(wang).moved("intent")
    await project(projecting, history.events)
    at = "select owner_id from opportunity_history where valid_from <= $1 and valid_to > $1"
    moved_at = datetime(2026, 1, 5, 16, tzinfo=UTC)
    assert await looking.fetchval(at, moved_at.replace(hour=15)) == li
    assert await looking.fetchval(at, moved_at) == wang
    entered_by = await looking.fetch("select owner_id from stage_visit where opportunity_id = $1", deal.id)
    assert {each["owner_id"] for each in entered_by} == {li, wang}


async def test_of_facts_at_one_instant_the_last_holds_and_what_changes_nothing_leaves_no_trace(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    deal = opened(history, amount=100)
    deal.amount(200, at=date(2026, 1, 8)).amount(300, at=date(2026, 1, 8)).interaction().receipt(1)
    await project(projecting, history.events)
    assert await past(looking, deal) == [("open", 100, 3), ("open", 300, None)]
    deal = opened(history, amount=100)
    deal.amount(200, at=date(2026, 1, 8))
    await project(projecting, history.events)
    deal.amount(100, at=date(2026, 1, 8))
    await project(projecting, history.events)
    assert await past(looking, deal) == [("open", 100, None)]


async def test_a_stage_passed_at_the_same_instant_was_visited(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    deal = opened(history).moved("intent", at=OPENED_ON)
    await project(projecting, history.events)
    assert await visits(looking, deal) == [("prospect", "advanced", False), ("intent", None, False)]
    assert len(await past(looking, deal)) == 1


async def test_days_begin_in_the_business_zone(projecting: Projector, looking: asyncpg.Connection) -> None:
    history = History()
    late = datetime(2026, 1, 5, 16, tzinfo=UTC)
    deal = history.deal(history.new_id("person"), at=late)
    await project(projecting, history.events)
    assert (await row(looking, deal))["opened_on"] == date(2026, 1, 6)


@pytest.mark.capability("S100")
async def test_the_first_contact_and_the_last_sign_of_life(
    projecting: Projector, looking: asyncpg.Connection
) -> None:
    history = History()
    deal = opened(history).interaction().moved("intent").interaction().owner(history.new_id("person"))
    await project(projecting, history.events)
    now = await row(looking, deal)
    assert [now["first_contact_at"].day, now["last_sign_of_life_at"].day] == [5, 7]
    assert now["sequence"] == 5
