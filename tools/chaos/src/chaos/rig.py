"""The instance that is attacked: PostgreSQL, Kafka and the services as single processes, each under its keeper."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from attain.instance.keys import ensure_keys
from attain.instance.layout import Configuration, Instance, write_private
from attain.instance.ports import Ports
from attain.instance.probe import answers
from attain.parts.cache import ensure_kafka, ensure_postgres
from attain.parts.kafka import Kafka
from attain.parts.postgres import Postgres
from attain.processes.command import Command
from attain.processes.keeper import Keeper
from attain.processes.logs import tail
from attain.processes.state import Status
from attain.settings import LocalSettings
from chaos.disks import Disks
from chaos.network import Link, Network
from chaos.points import ORDERS, Orders
from testkit import eventually
from testkit.servers import free_port

UP_WITHIN = 120.0
_PYTHON = (sys.executable, "-P", "-m")
_SMALL_DISK = {"max_wal_size": "128MB", "min_wal_size": "32MB"}


@dataclass(slots=True)
class Part:
    """A process under its keeper; `orders` are for a service's named points."""

    command: Command
    keeper: Keeper
    task: asyncio.Task[None]
    orders: Orders | None = None
    frozen: int | None = None

    @property
    def pid(self) -> int | None:
        return self.keeper.state.pid

    @property
    def is_ready(self) -> bool:
        return self.keeper.state.status is Status.ready


@dataclass(frozen=True, slots=True)
class Staff:
    """Which services run, and which of them in one process for everything."""

    split: tuple[str, ...] = ("opportunities", "leads", "reporting")
    whole: tuple[str, ...] = ("targets", "alerts")

    @property
    def services(self) -> tuple[str, ...]:
        return (*self.split, *self.whole)


class Rig:
    """All processes of a run, and the links between them."""

    def __init__(self, home: Path, network: Network, disks: Disks, staff: Staff) -> None:
        self.instance, self.network, self.disks, self.staff = Instance(home), network, disks, staff
        self.parts: dict[str, Part] = {}
        settings = LocalSettings()
        ports = Ports(
            postgres=free_port(),
            kafka=(port := free_port()),
            kafka_controller=free_port(),
            services={name: free_port() for name in staff.services},
        )
        self.kafka_link = network.link("kafka", port)
        # Whoever asks Kafka goes through the link; the harness itself asks PostgreSQL directly.
        self.configuration = Configuration(ports=ports.model_copy(update={"kafka": self.kafka_link.port}))
        self.postgres = Postgres(
            ensure_postgres(settings),
            disks.folder("postgres") / "data",
            ports.postgres,
            self.configuration.postgres_password,
            _SMALL_DISK,
        )
        self.kafka = Kafka(
            ensure_kafka(settings),
            disks.folder("kafka") / "data",
            port,
            ports.kafka_controller,
            heap_mb=384,
            advertised_port=self.kafka_link.port,
        )

    # --- up and down -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Makes and starts everything; returns when all of it is ready."""
        self.instance.logs.mkdir(parents=True)
        (self.instance.home / "orders").mkdir()
        self.postgres.create()
        self.kafka.create()
        ensure_keys(self.instance)
        write_private(self.instance.configuration_file, self.configuration.model_dump_json())
        self.run(self.postgres.command())
        self.run(self.kafka.command())
        await self.until_ready("postgres")
        await self._prepare()
        for name in self.names:
            self.run_service(name)
        await self.until_all_ready()

    @property
    def names(self) -> list[str]:
        """The service processes that always run: `opportunities-api`, `opportunities-worker`, `targets-all`."""
        roles = [f"{service}-{role}" for service in self.staff.split for role in ("api", "worker")]
        return [*roles, *(f"{service}-all" for service in self.staff.whole)]

    async def _prepare(self) -> None:
        """Databases, migrations and seeds: the job of every local instance."""
        log = self.instance.logs / "prepare.log"
        command = Command(
            "prepare",
            (*_PYTHON, "attain.instance.prepare"),
            environment={**self._shared(), "ATTAIN_SERVER": self.postgres.url("", "postgresql").rstrip("/")},
        )
        process = await asyncio.to_thread(command.start, log)
        if await asyncio.to_thread(process.wait):
            raise RuntimeError(f"the databases could not be prepared:\n{tail(log)}")

    async def stop(self) -> None:
        """Ends everything: what listens first, its servers last."""
        for part in self.parts.values():
            self._thaw(part)
        servers = [name for name in ("kafka", "postgres") if name in self.parts]
        for names in ([name for name in self.parts if name not in servers], servers):
            await asyncio.gather(*(self.down(name) for name in names))

    def run(self, command: Command, orders: Orders | None = None) -> None:
        """Keeps a command running."""
        keeper = Keeper(command, self.instance.logs, lambda: None)
        self.parts[command.name] = Part(command, keeper, asyncio.create_task(keeper.keep()), orders)

    def run_service(self, name: str) -> None:
        """Runs a service process by its name: service, role, and for a further worker a number."""
        service, role, *_ = name.split("-")
        is_asked = role != "worker"
        port = self.configuration.ports.services[service] if is_asked else free_port()
        orders = Orders(self.instance.home / "orders" / f"{name}.json")
        self.run(
            Command(
                name,
                (*_PYTHON, "chaos.launch", service, "serve", "--role", role),
                ready=lambda: answers(port, "/livez"),
                environment={
                    **self._shared(),
                    "ATTAIN_DATABASE_URL": self._database_url(name, service),
                    "ATTAIN_HTTP_PORT": str(port),
                    ORDERS: str(orders.file),
                },
            ),
            orders,
        )

    async def down(self, name: str) -> None:
        """Stops a process for good, in order."""
        part = self.parts.pop(name)
        self._thaw(part)
        await part.keeper.stop()
        await part.task

    async def until_ready(self, name: str) -> None:
        """Waits until a process can be used."""
        part = self.parts[name]

        def ready() -> None:
            assert part.is_ready, (
                f"{name} is {part.keeper.state.status}:\n{tail(self.instance.logs / f'{name}.log')}"
            )

        await eventually(ready, timeout=UP_WITHIN, every=0.05)

    async def until_all_ready(self) -> None:
        """Waits until every process can be used."""
        await asyncio.gather(*(self.until_ready(name) for name in list(self.parts)))

    # --- signals ---------------------------------------------------------------------------------------

    def kill(self, name: str) -> float:
        """SIGKILL; its keeper starts it again. Returns when that was, in Unix seconds."""
        self._signal(self.parts[name], signal.SIGKILL)
        return time.time()

    def freeze(self, name: str) -> None:
        """SIGSTOP: it does not know that time passes."""
        part = self.parts[name]
        part.frozen = part.pid
        self._signal(part, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        if name in self.parts:
            self._thaw(self.parts[name])

    def _thaw(self, part: Part) -> None:
        if part.frozen is not None:
            with suppress(ProcessLookupError):
                os.kill(part.frozen, signal.SIGCONT)
            part.frozen = None

    def _signal(self, part: Part, number: signal.Signals) -> None:
        if part.pid is None:
            raise RuntimeError(f"{part.command.name} does not run")
        os.kill(part.pid, number)

    # --- ways to what runs -----------------------------------------------------------------------------

    def api_link(self, service: str) -> Link:
        """The way by which clients reach a service."""
        return self.network.link(f"clients of {service}", self.configuration.ports.services[service])

    def postgres_link(self, name: str) -> Link:
        """The way by which a service process reaches PostgreSQL."""
        return self.network.link(f"postgres of {name}", self.postgres.port)

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the harness to a service's database, by no link."""
        connection = await asyncpg.connect(self.dsn(f"attain_{service}"), timeout=5, command_timeout=60)
        try:
            yield connection
        finally:
            connection.terminate()

    def dsn(self, database: str) -> str:
        """A database's address as asyncpg takes it, by no link."""
        return self.postgres.url(database, driver="postgresql")

    def workers(self, service: str) -> Collection[str]:
        """The processes of a service that relay and consume."""
        return [name for name in self.parts if name.startswith((f"{service}-worker", f"{service}-all"))]

    def _database_url(self, name: str, service: str) -> str:
        return replace(self.postgres, port=self.postgres_link(name).port).url(f"attain_{service}")

    def _shared(self) -> dict[str, str]:
        return {
            "ATTAIN_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "ATTAIN_JWKS": str(self.instance.jwks),
            "ATTAIN_HOME": str(self.instance.home),
        }
