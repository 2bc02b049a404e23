"""When a fact may have occurred. Pure: the clock is an argument."""

from datetime import datetime, timedelta

from contracts.refusal import OccurredBeforeLast, OccurredInFuture, OccurredTooLongAgo

CLOCK_SKEW = timedelta(minutes=5)
"""How far another clock may run ahead of ours."""

LOOK_BACK = timedelta(days=7)
"""How far back a fact may be told without the right to tell history."""


def occurrence(
    at: datetime | None, *, now: datetime, last: datetime | None, may_backdate: bool = False
) -> datetime:
    """The instant at which a fact occurred: as told, or now where nothing was told.

    A root's facts never go back in time. A fact that nobody dated follows a last one whose clock ran ahead
    of ours at the same instant, rather than being refused. Raises `OccurredInFuture`, `OccurredBeforeLast`
    or `OccurredTooLongAgo`; `at` must carry a time zone.
    """
    if at is None:
        return max(now, last) if last else now
    if at > now + CLOCK_SKEW:
        raise OccurredInFuture(pointer=POINTER, asked=at.isoformat(), latest=(now + CLOCK_SKEW).isoformat())
    if last is not None and at < last:
        raise OccurredBeforeLast(pointer=POINTER, asked=at.isoformat(), last=last.isoformat())
    if at < now - LOOK_BACK and not may_backdate:
        raise OccurredTooLongAgo(
            pointer=POINTER, asked=at.isoformat(), earliest=(now - LOOK_BACK).isoformat()
        )
    return at


POINTER = "/occurred_at"
