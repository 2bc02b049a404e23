"""Everything that was said, as the ledgers have it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chaos.rig import Rig


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a ledger. `trace` is the trace id of the request that it follows from."""

    service: str
    id: int
    root: str
    sequence: int
    type: str
    trace: str | None
    envelope: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The envelope, read."""
        read: dict[str, Any] = json.loads(self.envelope)
        return read


async def read_ledgers(rig: Rig) -> list[Row]:
    """The ledgers of all services that run, each in the order of its ids."""
    rows: list[Row] = []
    for service in rig.staff.services:
        async with rig.database(service) as connection:
            rows += [Row(service, *row) for row in await connection.fetch(_LEDGER)]
    return rows


async def ends(rig: Rig) -> Mapping[str, int]:
    """The last id of each ledger: while nobody writes, all that comes later is larger."""
    found = {}
    for service in rig.staff.services:
        async with rig.database(service) as connection:
            found[service] = await connection.fetchval("select coalesce(max(id), 0) from messaging.ledger")
    return found


_LEDGER = """
select id, root, sequence, type, split_part(traceparent, '-', 2), envelope from messaging.ledger order by id
"""
