"""What a run stands on: a PostgreSQL and a Kafka of its own, with the settings of `attain up`, and what they cost."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from attain.parts.cache import ensure_kafka, ensure_postgres
from attain.parts.kafka import Kafka
from attain.parts.postgres import Postgres
from attain.settings import LocalSettings
from messaging import MessagingSettings
from testkit import Database
from testkit.databases import Databases
from testkit.servers import free_port, open_folder, running

SERVER = {"shared_buffers": "4GB", "max_wal_size": "16GB", "checkpoint_timeout": "30min"}
"""A share of memory as in production, and no checkpoint on anybody's round; fsync and full-page writes are on."""

_FSYNCS = 200
_SHOWN = (
    "fsync",
    "synchronous_commit",
    "shared_buffers",
    "max_wal_size",
    "random_page_cost",
    "full_page_writes",
)


@dataclass(frozen=True)
class Bench:
    """The servers of a run. `scale` is the largest number of opportunities in millions, where a measure has one."""

    postgres: Postgres
    kafka: Kafka
    folder: Path
    scale: int = 1
    databases: Databases = field(init=False)
    companies: dict[int, tuple[Database, float]] = field(default_factory=dict)
    """The large companies that were made, by their opportunities."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "databases", Databases(self.postgres))

    @property
    def settings(self) -> MessagingSettings:
        """The event path as it is delivered, on this Kafka."""
        return MessagingSettings(kafka_bootstrap=self.kafka.bootstrap)

    async def database(self) -> Database:
        """An empty database, which goes with the run."""
        return await self.databases.clone()

    async def describe(self) -> list[str]:
        """Lines to print above the table: what a flush to disk costs here, and the settings that matter."""
        connection = await asyncpg.connect(self.postgres.url("postgres", driver="postgresql"))
        try:
            shown = [f"{name}={await connection.fetchval(f'show {name}')}" for name in _SHOWN]
            version = await connection.fetchval("show server_version")
        finally:
            await connection.close()
        return [
            f"{os.cpu_count()} cores; fsync {fsync_cost(self.folder) * 1000:.2f} ms (median of {_FSYNCS})",
            f"PostgreSQL {version}: {', '.join(shown)}",
            f"Kafka: one node, heap {self.kafka.heap_mb} MB, 12 partitions a topic, acks=all",
        ]


@contextmanager
def ground(scale: int) -> Iterator[Bench]:
    """Starts the servers, and ends them and their data with the block."""
    installed, class_path = ensure_postgres(LocalSettings()), ensure_kafka(LocalSettings())
    with open_folder() as folder:
        postgres = Postgres(installed, folder / "postgres", free_port(), "bench", SERVER)
        kafka = Kafka(class_path, folder / "kafka", free_port(), free_port(), heap_mb=512)
        postgres.create()
        kafka.create()
        with running(postgres.command(), folder), running(kafka.command(), folder):
            yield Bench(postgres, kafka, folder, scale)


def fsync_cost(folder: Path) -> float:
    """Seconds of one write of 8 KiB with fdatasync; the median."""
    path, costs = folder / "fsync", []
    with path.open("wb") as file:
        for _ in range(_FSYNCS):
            file.write(os.urandom(8192))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            costs.append(time.perf_counter() - began)
    path.unlink()
    return sorted(costs)[len(costs) // 2]
