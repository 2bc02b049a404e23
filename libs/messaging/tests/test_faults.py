"""Failures in a row: who is to blame is tested with the consumers; here, when a worker counts as stuck,
and when so many roots fail that the version is to blame.
"""

import pytest

from messaging import MessagingSettings
from messaging.faults import Failures, TooManyFail, Trouble


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_worker_is_stuck_once_it_has_failed_for_the_time_of_the_settings() -> None:
    clock = Clock()
    trouble = Trouble(MessagingSettings(stalled_after=60.0), clock)
    assert trouble.stalled is None
    trouble.note(OSError("no route"))
    clock.now = 59.9
    trouble.note(OSError("still no route"))
    assert (trouble.error, trouble.stalled) == ("OSError: still no route", None)
    clock.now = 60.0
    assert trouble.stalled == "OSError: still no route"


def test_a_success_ends_the_row() -> None:
    clock = Clock()
    trouble = Trouble(MessagingSettings(stalled_after=60.0), clock)
    trouble.note(OSError("no route"))
    clock.now = 100.0
    trouble.well()
    assert trouble.stalled is None
    trouble.note(OSError("no route"))
    clock.now = 159.9
    assert trouble.stalled is None


def test_a_few_bad_roots_are_no_flood_and_neither_are_many_among_more_good_ones() -> None:
    failures = Failures(10)
    failures.fail([f"a{n}" for n in range(10)], "bad data")
    failures.well(80)
    failures.fail([f"b{n}" for n in range(40)], "bad data")


def test_more_bad_roots_than_the_settings_allow_are_a_flood_when_hardly_any_is_good() -> None:
    failures = Failures(10)
    failures.well(5)
    failures.fail([f"a{n}" for n in range(10)], "bad version")
    with pytest.raises(TooManyFail, match="11 of the last 16 roots fail"):
        failures.fail(["b"], "bad version")
    failures.forget()
    failures.fail(["b"], "bad version")


def test_one_root_that_fails_again_and_again_is_one() -> None:
    failures = Failures(10)
    for _ in range(100):
        failures.fail(["a"], "bad data")


def test_what_went_well_long_ago_does_not_hide_a_flood() -> None:
    failures = Failures(10)
    failures.well(1_000_000)
    roots = iter(range(100))

    def until_flood() -> None:
        for root in roots:
            failures.fail([f"a{root}"], "bad version")

    with pytest.raises(TooManyFail):
        until_flood()
