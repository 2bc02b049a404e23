"""`eventually` waits for a probe, and repeats what it said last when it never holds."""

import pytest

from testkit import eventually


async def test_it_returns_what_the_probe_returned_once_it_held() -> None:
    answers = iter([False, False, "arrived"])
    assert await eventually(lambda: next(answers), every=0) == "arrived"


async def test_the_last_failure_is_told_on_time_out() -> None:
    async def probe() -> None:
        raise AssertionError("2 of 3 facts arrived")

    with pytest.raises(AssertionError, match="2 of 3 facts arrived"):
        await eventually(probe, timeout=0.01, every=0)


async def test_another_exception_is_not_swallowed() -> None:
    def probe() -> None:
        raise LookupError("no such table")

    with pytest.raises(LookupError):
        await eventually(probe)
