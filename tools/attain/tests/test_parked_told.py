"""What dropping a root means is said before it is done."""

from datetime import UTC, datetime

import pytest

from attain.commands.parked import meaning
from messaging import ParkedEvent, ParkedRoot
from messaging.tables import SCHEMA


def parked(reason: str, last: int) -> ParkedRoot:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return ParkedRoot("reporting", "r", reason, "why", since, 1, None, 0, last, 1)


def event(sequence: int) -> ParkedEvent:
    return ParkedEvent(sequence, "deal.won.v1" if sequence else "", "topic", 0, 0, b"{}")


@pytest.mark.parametrize(
    ("reason", "last", "waiting", "says"),
    [
        ("gap", 2, [5, 6], "goes on without #3 to #4 (never heard) of r: no figure of reporting counts that"),
        ("gap", 2, [0, 4], "goes on without #3 (never heard) of r"),
        ("gap", 2, [0], "takes r to be complete up to #2"),
        ("failed", 2, [3, 4], "goes on without #3 deal.won.v1 of r"),
        ("unreadable", 0, [0], "no figure is known to lack it"),
    ],
)
def test_what_is_given_up_is_named_with_what_becomes_of_the_figures(
    reason: str, last: int, waiting: list[int], says: str
) -> None:
    assert says in meaning("reporting", "projection", parked(reason, last), [event(each) for each in waiting])


def test_a_reaction_that_is_given_up_is_never_done() -> None:
    told = meaning("leads", SCHEMA, parked("failed", 0), [event(1), event(2)])
    assert "never done; 1 that wait behind are applied" in told
