"""State machines whose steps await: hypothesis draws a history, the real code and a model live it step by step."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine

STEP_MOST = 20.0
"""Seconds after which a step counts as hung."""

_OURS = dict(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("steady", derandomize=True, max_examples=50, stateful_step_count=50, **_OURS)
settings.register_profile("unshrunk", settings.get_profile("steady"), phases=[Phase.explicit, Phase.generate])
settings.register_profile(
    "long", max_examples=2_000, stateful_step_count=200, print_blob=True, database=None, **_OURS
)


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
    step: Callable[Concatenate[M, P], Awaitable[None]],
) -> Callable[Concatenate[M, P], None]:
    """A step that awaits, as one that hypothesis can call."""

    @wraps(step)
    def run(machine: M, *args: P.args, **drawn: P.kwargs) -> None:
        machine._runner.run(asyncio.wait_for(step(machine, *args, **drawn), STEP_MOST))

    return run
