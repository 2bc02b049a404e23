"""How long it takes until everything flows again: until a write succeeds, its fact is on Kafka, and it is applied."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg

from chaos.load.record import RequestLog
from chaos.rig import Rig

PATIENCE = 60.0
_LOOK = 0.02
_ASK = 0.1


class NoFlow(Exception):
    """It did not recover in a minute."""


class Flow:
    """Asks the load, the ledger and the projection."""

    def __init__(self, rig: Rig, log: RequestLog) -> None:
        self._rig, self._log = rig, log

    async def written(self, service: str, since: float) -> float:
        """Seconds from an instant until a write that began after it was answered with success."""
        while time.time() - since < PATIENCE:
            if done := list(self._log.done(service, since)):
                return done[-1].ended - since
            await asyncio.sleep(_LOOK)
        raise NoFlow(f"no write of {service} succeeded within {PATIENCE:.0f} s")

    async def published(self, service: str, since: float) -> float:
        """Seconds from an instant until a fact that was committed after it is known to be on Kafka."""
        token = await self._token(service, since)

        async def passed() -> bool:
            async with self._rig.database(service) as connection:
                return bool(await connection.fetchval(_PUBLISHED, *token))

        return await self._until(passed, since, f"facts of {service} are not published")

    async def applied(self, since: float, service: str = "opportunities") -> float:
        """Seconds from an instant until a fact that was committed after it counts in the reports."""
        token = await self._token(service, since)

        async def counts() -> bool:
            async with self._rig.database("reporting") as connection:
                return bool(await connection.fetchval(_APPLIED, *token))

        return await self._until(counts, since, f"facts of {service} are not applied by reporting")

    async def _token(self, service: str, since: float) -> tuple[str, int]:
        """Of the first write that succeeded after the instant."""
        await self.written(service, since)
        token = list(self._log.done(service, since))[-1].token or ""
        root, _, number = token.rpartition("@")
        return root, int(number)

    async def _until(self, holds: Callable[[], Awaitable[bool]], since: float, what: str) -> float:
        while time.time() - since < PATIENCE:
            try:
                if await holds():
                    return time.time() - since
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                pass  # PostgreSQL is away: nothing flows yet
            await asyncio.sleep(_ASK)
        raise NoFlow(f"{what} within {PATIENCE:.0f} s")


_PUBLISHED = """
select exists (
    select from messaging.ledger fact, messaging.relay_cursor mine
    where fact.root = $1 and fact.sequence = $2
      and (pg_visible_in_snapshot(fact.xid, mine.prev)
           or mine.upto is not null and fact.id <= mine.after_id and pg_visible_in_snapshot(fact.xid, mine.upto))
)
"""

_APPLIED = "select exists (select from projection.consumer_root where root = $1 and last_sequence >= $2)"
