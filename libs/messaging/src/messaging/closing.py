"""Ends clients of Kafka, which may hang when Kafka is gone and leak cancellations of their own tasks."""

import asyncio
from collections.abc import Awaitable, Callable

CLOSE_WITHIN = 5.0


async def close(*ends: Callable[[], Awaitable[None]]) -> None:
    """Runs the endings one after the other, each for at most five seconds, whatever they raise."""
    for end in ends:
        ending = asyncio.ensure_future(end())
        await asyncio.wait([ending], timeout=CLOSE_WITHIN)
        if not ending.done():
            ending.cancel()
        elif not ending.cancelled():
            ending.exception()  # looked at, or asyncio complains
