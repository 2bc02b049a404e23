"""When a fact may have occurred."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.refusal import OccurredBeforeLast, OccurredInFuture, OccurredTooLongAgo
from messaging.occurrence import occurrence

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_fact_that_nobody_dated_occurred_now() -> None:
    assert occurrence(None, now=NOW, last=NOW - timedelta(days=1)) == NOW


def test_an_undated_fact_follows_a_last_one_whose_clock_ran_ahead() -> None:
    ahead = NOW + timedelta(minutes=3)
    assert occurrence(None, now=NOW, last=ahead) == ahead


def test_five_minutes_ahead_are_another_clock_and_more_is_the_future() -> None:
    assert occurrence(NOW + timedelta(minutes=5), now=NOW, last=None) == NOW + timedelta(minutes=5)
    with pytest.raises(OccurredInFuture) as refused:
        occurrence(NOW + timedelta(minutes=5, seconds=1), now=NOW, last=None)
    assert refused.value.pointer == "/occurred_at"


def test_the_facts_of_a_root_never_go_back_in_time() -> None:
    assert occurrence(NOW, now=NOW, last=NOW) == NOW
    with pytest.raises(OccurredBeforeLast):
        occurrence(NOW - timedelta(seconds=1), now=NOW, last=NOW, may_backdate=True)


def test_more_than_seven_days_back_needs_the_right_to_tell_history() -> None:
    week, longer = NOW - timedelta(days=7), NOW - timedelta(days=7, seconds=1)
    assert occurrence(week, now=NOW, last=None) == week
    with pytest.raises(OccurredTooLongAgo):
        occurrence(longer, now=NOW, last=None)
    assert occurrence(longer, now=NOW, last=None, may_backdate=True) == longer
