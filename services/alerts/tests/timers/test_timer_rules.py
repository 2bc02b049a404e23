"""When a timer rule fires, from the facts of one record."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.timers.rules import Calendar, Episode, Fact, Over, timer_episodes
from contracts.alerts import Clock, TimerRule, Trigger
from contracts.targets import Condition, WorkingTimeSet

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(SHANGHAI)
START = datetime(2026, 7, 1, 2, tzinfo=UTC)
"""A Wednesday, ten in the morning in Shanghai."""

FIVE_DAYS = timedelta(days=5)
A_MICROSECOND = timedelta(microseconds=1)


def only(field: str, value: str) -> list[Condition]:
    return [Condition(field=field, operator="eq", value=value)]


STALLED = TimerRule(
    kind="timer",
    starts=[Trigger(event_type="opened"), Trigger(event_type="reopened")],
    resets=[Trigger(event_type="moved"), Trigger(event_type="visited")],
    ends=[Trigger(event_type="won"), Trigger(event_type="lost")],
    after_seconds=5 * 86_400,
)
SILENT = TimerRule(
    kind="timer",
    starts=[Trigger(event_type="spoke", conditions=only("direction", "outbound"))],
    ends=[Trigger(event_type="spoke", conditions=only("direction", "inbound")), Trigger(event_type="won")],
    after_seconds=48 * 3_600,
)
UNANSWERED = TimerRule(
    kind="timer",
    starts=[Trigger(event_type="objected")],
    ends=[Trigger(event_type="answered"), Trigger(event_type="won")],
    keyed_by="objection_id",
    after_seconds=86_400,
)


def facts(*told: tuple[str, float] | tuple[str, float, dict[str, Any]]) -> list[Fact]:
    """Facts by type and days since the start; the id of each is its number."""
    return [
        Fact(UUID(int=number), type_, START + timedelta(days=days), *data or ({},))
        for number, (type_, days, *data) in enumerate(told, 1)
    ]


def fired(rule: TimerRule, told: Sequence[Fact], calendar: Calendar = CALENDAR) -> list[tuple[int, float]]:
    """What fires: the number of the fact that began it, and days since the start."""
    return [
        (each.began_event.int, (each.fires_at - START) / timedelta(days=1))
        for each in timer_episodes(rule, told, calendar)
        if each.fires_at is not None
    ]


@pytest.mark.capability("S121")
def test_five_days_without_a_sign_of_life_fire_and_one_within_them_begins_anew() -> None:
    [episode] = timer_episodes(STALLED, facts(("opened", 0)), CALENDAR)
    assert (episode.began_at, episode.due_at, episode.fires_at) == (
        START,
        START + FIVE_DAYS,
        START + FIVE_DAYS,
    )
    assert (episode.over_at, episode.over, episode.evidence) == (None, None, (UUID(int=1),))
    assert fired(STALLED, facts(("opened", 0), ("moved", 4), ("visited", 8.5))) == [(3, 13.5)]


def test_it_fires_strictly_later_than_the_time_that_is_allowed() -> None:
    opened, visited = facts(("opened", 0), ("visited", 5))
    assert fired(STALLED, [opened, visited]) == [(2, 10)]
    later = Fact(visited.id, visited.type, visited.occurred_at + A_MICROSECOND, {})
    first, second = timer_episodes(STALLED, [opened, later], CALENDAR)
    assert (first.fires, first.over_at, first.over) == (True, later.occurred_at, Over.sign_of_life)
    assert second.began_event == later.id


def test_a_record_that_is_closed_fires_no_more_until_it_is_opened_again() -> None:
    told = facts(("opened", 0), ("won", 3), ("visited", 9), ("moved", 20))
    [closed] = timer_episodes(STALLED, told, CALENDAR)
    assert (closed.fires, closed.over, closed.over_event) == (False, Over.closed, UUID(int=2))
    again = facts(("opened", 0), ("lost", 3), ("visited", 9), ("reopened", 10))
    assert fired(STALLED, again) == [(4, 15)]


def test_what_fired_and_is_over_since_still_says_so() -> None:
    [late, after] = timer_episodes(STALLED, facts(("opened", 0), ("visited", 7)), CALENDAR)
    assert (late.fires_at, late.over_at) == (START + FIVE_DAYS, START + timedelta(days=7))
    assert after.over_at is None


def test_a_reset_of_a_clock_that_was_never_started_does_nothing() -> None:
    assert timer_episodes(STALLED, facts(("visited", 0), ("won", 1), ("moved", 2)), CALENDAR) == []


def test_imported_facts_start_no_clock_and_the_first_live_one_does() -> None:
    past = {"imported": True}
    assert fired(STALLED, facts(("opened", 0, past), ("moved", 1, past))) == []
    assert fired(STALLED, facts(("opened", 0, past), ("moved", 1, past), ("visited", 30))) == [(3, 35)]
    assert fired(STALLED, facts(("opened", 0, past), ("won", 1, past), ("visited", 30))) == []


@pytest.mark.capability("S120")
def test_silence_is_counted_from_our_last_word_until_the_customers() -> None:
    ours, theirs = {"direction": "outbound"}, {"direction": "inbound"}
    assert fired(SILENT, facts(("spoke", 0, ours))) == [(1, 2)]
    assert fired(SILENT, facts(("spoke", 0, ours), ("spoke", 1, ours))) == [(2, 3)]
    assert fired(SILENT, facts(("spoke", 0, ours), ("spoke", 1.9, theirs))) == []
    assert fired(SILENT, facts(("spoke", 0, theirs), ("spoke", 9, {"direction": "mutual"}))) == []
    assert fired(SILENT, facts(("spoke", 0, ours), ("spoke", 3, theirs), ("spoke", 4, ours))) == [
        (1, 2),
        (3, 6),
    ]


@pytest.mark.capability("S81")
def test_each_objection_has_a_clock_of_its_own_and_the_close_ends_them_all() -> None:
    price, time = {"objection_id": "price"}, {"objection_id": "time"}
    told = facts(("objected", 0, price), ("objected", 0.5, time), ("answered", 0.9, price))
    episodes = timer_episodes(UNANSWERED, told, CALENDAR)
    assert [(each.key, each.fires) for each in episodes] == [("price", False), ("time", True)]
    closed = timer_episodes(UNANSWERED, [*told[:2], *facts(("won", 0.7))], CALENDAR)
    assert [(each.key, each.fires, each.over) for each in closed] == [
        ("price", False, Over.closed),
        ("time", False, Over.closed),
    ]


def test_a_fact_that_ends_and_starts_ends() -> None:
    both = TimerRule(
        kind="timer",
        starts=[Trigger(event_type="spoke")],
        ends=[Trigger(event_type="spoke", conditions=only("direction", "inbound"))],
        after_seconds=60,
    )
    assert fired(both, facts(("spoke", 0, {"direction": "inbound"}))) == []


DEAR = STALLED.model_copy(update={"conditions": [Condition(field="amount", operator="gte", value="100000")]})


def test_conditions_ask_the_record_as_its_last_fact_left_it() -> None:
    small, large = {"amount": "99999.00"}, {"amount": "100000.00"}
    assert fired(DEAR, facts(("opened", 0, small))) == []
    assert fired(DEAR, facts(("opened", 0, small), ("priced", 1, large))) == [(1, 5)]
    assert fired(DEAR, facts(("opened", 0, large), ("priced", 1, small))) == []
    [episode] = timer_episodes(DEAR, facts(("opened", 0, small), ("priced", 9, large)), CALENDAR)
    assert (episode.fires_at, episode.record) == (START + timedelta(days=9), large)
    assert fired(DEAR, facts(("opened", 0, small), ("priced", 9, large), ("visited", 9, large))) == [(3, 14)]


def test_the_record_of_an_episode_is_that_of_the_instant_at_which_it_fires() -> None:
    first, second = {"owner_id": "a"}, {"owner_id": "b"}
    for day, owner in ((4, second), (6, first)):
        told = facts(("opened", 0, first), ("given", day, second), ("visited", 7, second))
        assert timer_episodes(STALLED, told, CALENDAR)[0].record == owner


WORKING = STALLED.model_copy(update={"clock": Clock.working, "after_seconds": 2 * 86_400})


@pytest.mark.parametrize(
    ("began", "due"),
    [
        ("2026-07-01T10:00", "2026-07-03T10:00"),
        ("2026-07-02T10:00", "2026-07-06T10:00"),
        ("2026-07-04T10:00", "2026-07-08T00:00"),
        ("2026-07-02T00:00", "2026-07-06T00:00"),
        ("2026-09-30T10:00", "2026-10-09T10:00"),
    ],
)
def test_working_time_passes_on_working_days_alone(began: str, due: str) -> None:
    """Two working days: over a weekend, from within one, to the end of a week, and over a holiday."""
    holidays = [date(2026, 10, day) for day in range(1, 8)]
    year = WorkingTimeSet(
        year=2026, weekdays=[1, 2, 3, 4, 5], holidays=holidays, workdays=[], provisional=False
    )
    calendar = Calendar.of(SHANGHAI, [year])
    at = datetime.fromisoformat(began).replace(tzinfo=SHANGHAI)
    [episode] = timer_episodes(WORKING, [Fact(UUID(int=1), "opened", at, {})], calendar)
    assert episode.due_at.astimezone(SHANGHAI).isoformat()[:16] == due


def test_a_make_up_day_works_and_a_year_without_any_working_day_ends() -> None:
    saturday = date(2026, 7, 4)
    year = WorkingTimeSet(year=2026, weekdays=[1], holidays=[], workdays=[saturday], provisional=False)
    calendar = Calendar.of(SHANGHAI, [year])
    assert calendar.works(saturday)
    assert not calendar.works(date(2026, 7, 3))
    never = Calendar(SHANGHAI, {year: _nothing(year) for year in range(2026, 2200)})
    assert never.after(START, FIVE_DAYS, Clock.working) > START + 900 * FIVE_DAYS


def _nothing(year: int) -> WorkingTimeSet:
    return WorkingTimeSet(year=year, weekdays=[], holidays=[], workdays=[], provisional=False)


MOMENTS = st.lists(
    st.tuples(
        st.sampled_from(["opened", "moved", "visited", "won", "noted"]), st.integers(0, 4), st.booleans()
    ),
    max_size=12,
)


@given(MOMENTS)
def test_an_episode_that_is_over_is_never_changed_by_what_comes_later(
    moments: list[tuple[str, int, bool]],
) -> None:
    day, told = 0, []
    for number, (type_, days, imported) in enumerate(moments, 1):
        day += days
        data = {"imported": imported}
        told.append(Fact(UUID(int=number), type_, START + timedelta(days=day), data))
    whole = {each.began_event: each for each in timer_episodes(STALLED, told, CALENDAR)}
    for length in range(len(told)):
        before = timer_episodes(STALLED, told[:length], CALENDAR)
        assert [each.began_event for each in before] == list(whole)[: len(before)]
        for episode in before:
            assert _agrees(episode, whole[episode.began_event])
    assert sum(each.over_at is None for each in whole.values()) <= 1


def _agrees(early: Episode, late: Episode) -> bool:
    same_clock = (early.began_at, early.due_at) == (late.began_at, late.due_at)
    return same_clock and (early.over_at is None or early == late)
