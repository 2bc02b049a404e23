"""Timed actions: round after round, whatever fails in between."""

import asyncio
from datetime import datetime

from runtime.rounds import Rounds


async def test_a_round_that_says_that_more_is_due_is_followed_at_once_by_another() -> None:
    stop, rounds = asyncio.Event(), 0

    async def action(now: datetime) -> bool:
        nonlocal rounds
        assert now.tzinfo is not None
        rounds += 1
        if rounds == 100:
            stop.set()
        return True

    await asyncio.wait_for(Rounds("test", action, every=3600, patience=60).run(stop), 5)
    assert rounds == 100


async def test_a_round_that_fails_is_done_again_and_a_worker_that_fails_for_long_says_so() -> None:
    stop, said = asyncio.Event(), list[str | None]()
    outcomes = [ValueError, ValueError, None, ValueError]

    async def action(_now: datetime) -> bool:
        said.append(worker.stalled())
        outcome = outcomes.pop(0)
        if not outcomes:
            stop.set()
        if outcome:
            raise outcome
        return False

    worker = Rounds("test", action, every=0.001, patience=0)
    await asyncio.wait_for(worker.run(stop), 5)
    assert said == [None, "ValueError", "ValueError", None]
    assert worker.stalled() == "ValueError"
