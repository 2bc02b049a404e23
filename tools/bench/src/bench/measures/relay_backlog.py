"""The relay's memory while it drains a backlog, in a process of its own."""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg

from bench.ground import Bench
from bench.measures.relay import COLUMNS, SERVICE, history, lay_down, ledger_of
from bench.table import Row, at_most
from messaging import MessagingSettings, Relay, backlog
from testkit import eventually

BACKLOG = 1_000_000
PATTERN = 20_000
"""Facts of the company's history, which are repeated under other numbers."""

MOST_MB = 200.0


async def measure(bench: Bench) -> list[Row]:
    """The row of the backlog."""
    database = await ledger_of(bench)
    async with database.connect() as connection:
        await lay_down(connection, history(PATTERN))
        await connection.execute(_REPEATED)
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _DRAIN, database.url, database.dsn, bench.kafka.bootstrap],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = float(ran.stdout.splitlines()[-1])
    return [
        at_most(
            "relay's memory with a backlog", peak, MOST_MB, "MB", f"peak of the process, {BACKLOG:,} facts"
        )
    ]


_OTHERS = ", ".join(column for column in COLUMNS if column not in ("sequence", "event_id"))
_REPEATED = f"""
insert into messaging.ledger (sequence, event_id, {_OTHERS})
select sequence + 100000 * round, gen_random_uuid(), {_OTHERS}
from generate_series(1, {BACKLOG // PATTERN}) round cross join told order by round, place
"""


async def drain(url: str, dsn: str, bootstrap: str) -> None:
    """Relays until nothing is left."""
    stop = asyncio.Event()
    relaying = asyncio.create_task(
        Relay(SERVICE, url, MessagingSettings(kafka_bootstrap=bootstrap)).run(stop)
    )
    connection = await asyncpg.connect(dsn)
    await eventually(lambda: _is_drained(connection), timeout=_MOST, every=1.0)
    await connection.close()
    stop.set()
    await relaying


async def _is_drained(connection: asyncpg.Connection) -> None:
    assert await backlog(connection) == 0


_MOST = 600.0


def peak_mb() -> float:
    """The most memory that this process has had. (`getrusage` would count that of the process which started it.)"""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


_DRAIN = f"""
import asyncio, sys
from {__name__} import drain, peak_mb

asyncio.run(drain(*sys.argv[1:]))
print(peak_mb())
"""
