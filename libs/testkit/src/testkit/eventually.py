"""Wait for what happens a little later, without sleeping longer than needed."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import overload


@overload
async def eventually[T](
    probe: Callable[[], Awaitable[T]],
    *,
    timeout: float = ...,  # noqa: ASYNC109
    every: float = ...,
) -> T: ...
@overload
async def eventually[T](
    probe: Callable[[], T],
    *,
    timeout: float = ...,  # noqa: ASYNC109
    every: float = ...,
) -> T: ...
async def eventually[T](
    probe: Callable[[], T | Awaitable[T]],
    *,
    timeout: float = 30.0,  # noqa: ASYNC109 (asyncio.timeout would lose what the probe said)
    every: float = 0.02,
) -> T:
    """Ask the probe until it holds, and return what it returned.

    The probe says "not yet" with an AssertionError or False; any other exception is a real failure. After
    `timeout` seconds the test fails with what the probe said last, so let it describe itself:
    `assert count == 3, f"{count} of 3 facts arrived"`.
    """
    deadline = time.monotonic() + timeout
    while True:
        said = "the probe returned False"
        try:
            answer = probe()
            value = await answer if inspect.isawaitable(answer) else answer
            if value is not False:
                return value
        except AssertionError as failure:
            said = str(failure) or "the probe's assertion failed"
        if time.monotonic() >= deadline:
            raise AssertionError(f"Not within {timeout:g} s: {said}")
        await asyncio.sleep(every)
