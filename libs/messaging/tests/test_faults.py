"""Failures in a row: who is to blame is tested with the consumers; here, when a worker counts as stuck."""

from messaging import MessagingSettings
from messaging.faults import Trouble


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
