"""State machines whose steps await: hypothesis draws a history, the real code and a model live it step by step."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import AbstractAsyncContextManager
from functools import partial, wraps
from typing import Any, Concatenate

import asyncpg
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from structlog.testing import capture_logs

STEP_MOST = 20.0
"""Seconds after which a step counts as hung."""


class Stepwise(RuleBasedStateMachine):
    """A machine whose steps run on a loop that outlives it: tasks wait there from one step to the next."""

    def __init__(self, runner: asyncio.Runner) -> None:
        super().__init__()
        self._runner = runner

    def teardown(self) -> None:
        """Ends the history."""
        self._runner.run(asyncio.wait_for(self.end(), STEP_MOST))

    async def end(self) -> None:
        """Checks what must hold in the end, and leaves the stage as it was found."""
        raise NotImplementedError


def stepped[M: Stepwise, **P](
    step: Callable[Concatenate[M, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[M, P], None]:
    """A step that awaits, as one that hypothesis can call."""

    @wraps(step)
    def run(machine: M, *args: P.args, **drawn: P.kwargs) -> None:
        machine._runner.run(asyncio.wait_for(step(machine, *args, **drawn), STEP_MOST))

    return run  # type: ignore[return-value]  # mypy takes the machine for a keyword


def live[Stage](
    machine: Callable[[asyncio.Runner, Stage], Stepwise],
    staged: AbstractAsyncContextManager[Stage],
    histories: settings,
) -> None:
    """Lives histories, one after the other on the same stage. Nothing is logged: most of what fails here shall fail."""
    with capture_logs(), asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        stage = runner.run(_enter(staged))
        try:
            made: Any = partial(machine, runner, stage)  # typed as a class; any maker will do
            run_state_machine_as_test(made, settings=histories)
        finally:
            runner.run(_leave(staged))


def one_of[T](candidates: Collection[T], which: int) -> T | None:
    """The candidate that a drawn number means, if there is any."""
    return list(candidates)[which % len(candidates)] if candidates else None


async def waits_or_ends(task: asyncio.Task[Any], looking: asyncpg.Connection) -> None:
    """Until the task is done, or PostgreSQL makes it wait for a lock."""
    while not task.done():
        if await looking.fetchval("select exists (select from pg_locks where not granted)"):
            return
        await asyncio.sleep(0)


async def _enter[Stage](staged: AbstractAsyncContextManager[Stage]) -> Stage:
    return await staged.__aenter__()


async def _leave(staged: AbstractAsyncContextManager[object]) -> None:
    await staged.__aexit__(None, None, None)
