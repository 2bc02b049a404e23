"""Plain connections for statements that are written by hand, each a transaction of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

from contracts.refusal import Refusal

WAIT_SECONDS = 10.0
"""How long a request waits for one of a pool's connections."""

CONNECT_SECONDS = 10.0

TRUSTED_SECONDS = 5.0
"""How long an open connection is trusted that nobody has used. What the server closes, as when it stops, is noticed at
once and without asking; what a network drops in silence is not. To ask each time costs every request a round trip.
"""


class Connections:
    """At most so many connections, made when they are needed; the one used last is taken first, for its statements are
    prepared. SQLAlchemy's pool goes through greenlets, proxies and events, asyncpg's own through a task and two timers,
    and both take longer than all that a hot write does besides.
    """

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], most: int) -> None:
        self._connect = connect
        self._places = asyncio.Semaphore(most)
        self._idle: list[tuple[asyncpg.Connection, float]] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for the block, in which no transaction is left open. Raises TimeoutError where none comes free,
        and what connecting raises.
        """
        if self._places.locked():
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            connection = await self._take()
            try:
                yield connection
            except (Refusal, asyncpg.PostgresError):  # the statement has ended
                raise
            except BaseException:
                connection.terminate()
                raise
            finally:
                if not connection.is_closed():
                    self._idle.append((connection, time.monotonic()))
        finally:
            self._places.release()

    async def close(self) -> None:
        """Gives the connections back to the server."""
        while self._idle:
            await self._idle.pop()[0].close()

    async def _take(self) -> asyncpg.Connection:
        while self._idle:
            connection, used_at = self._idle.pop()
            if not connection.is_closed() and (
                time.monotonic() - used_at <= TRUSTED_SECONDS or await _answers(connection)
            ):
                return connection
        return await self._connect()


async def _answers(connection: asyncpg.Connection) -> bool:
    try:
        await connection.execute("select 1", timeout=CONNECT_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
        return False
    except BaseException:
        connection.terminate()
        raise
    return True
