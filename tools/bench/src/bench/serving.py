"""The opportunities service as its people ask it: a process of its own, over HTTP, with a small company in it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import uvloop
from starlette.types import ASGIApp, Message, Scope

from attain.instance.probe import answers
from attain.processes.command import Command
from bench.ground import Bench
from contracts import Role
from opportunities.main import service
from opportunities.reactions import directory_projector
from opportunities.settings import OpportunitiesSettings
from runtime import Issuer, migrate
from runtime.logs import configure_logs
from testkit import Database
from testkit.history import History
from testkit.http import Api, new_issuer
from testkit.http import serving as serving_here
from testkit.projecting import project
from testkit.servers import free_port, open_folder, running

_TOLD = History()
_SUPERVISOR = _TOLD.person("S1", role=Role.supervisor)
_TEAM = _TOLD.unit("team", parent=_TOLD.unit("company", kind="company"), manager=_SUPERVISOR)
_TOLD.move(_SUPERVISOR, _TEAM, date(2020, 1, 1))
_SELLER = _TOLD.person("E1", unit=_TEAM)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked by POST, and the status that it is to be answered with."""

    path: str
    body: bytes
    status: int

    @classmethod
    def of(cls, path: str, body: object, status: int) -> Self:
        return cls(path, json.dumps(body, ensure_ascii=False).encode(), status)


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks: a seller, whose scope is what they own, and sales operations, who import."""

    issuer: Issuer
    jwks: Path

    @classmethod
    @contextmanager
    def new(cls) -> Iterator["Access"]:
        with open_folder() as folder:
            yield cls(*new_issuer(folder))

    @property
    def seller(self) -> str:
        """The seller's token."""
        return self.issuer.issue(str(_SELLER), Role.representative)

    @property
    def operations(self) -> str:
        """The token of sales operations."""
        return self.issuer.issue("operations", Role.operations)


async def company(database: Database) -> None:
    """Migrates and seeds a database of the service, and lets its directory hear of the company."""
    settings = OpportunitiesSettings(database_url=database.url)
    await migrate(service, settings)
    projector = directory_projector(settings)
    await project(projector, _TOLD.events)
    await projector.close()


@asynccontextmanager
async def in_this_process(database: Database, access: Access) -> AsyncIterator[Api]:
    """The same service where one can look into it; it says nothing of each request."""
    configure_logs(service.name, "WARNING")
    async with serving_here(service, database, access.issuer, access.jwks) as api:
        yield api


@asynccontextmanager
async def serving(
    bench: Bench, database: Database, access: Access, name: str = "opportunities"
) -> AsyncIterator[int]:
    """A service's API as it is delivered, in a process of its own; yields its port."""
    port = free_port()
    command = Command(
        name=name,
        argv=(sys.executable, "-P", "-m", name, "serve", "--role", "api"),
        ready=lambda: answers(port, "/readyz"),
        environment={
            "ATTAIN_DATABASE_URL": database.url,
            "ATTAIN_DATABASE_POOL_SIZE": "16",
            "ATTAIN_JWKS": str(access.jwks),
            "ATTAIN_KAFKA_BOOTSTRAP": bench.kafka.bootstrap,
            "ATTAIN_HTTP_PORT": str(port),
        },
    )
    with open_folder() as folder:
        block = running(command, folder)
        await asyncio.to_thread(block.__enter__)
        try:
            yield port
        finally:
            await asyncio.to_thread(block.__exit__, None, None, None)


async def ask_here(app: ASGIApp, token: str, request: Request) -> None:
    """Asks a service in this process, without a client, which would cost more than it. Raises where the answer is not
    as expected."""
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body}

    async def send(message: Message) -> None:
        answer.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json")]
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": request.path,
        "query_string": b"",
        "headers": headers,
    }
    await app(scope, receive, send)
    if answer[0]["status"] != request.status:
        raise RuntimeError(f"{request.path} answered {answer}")


async def ask_all(port: int, token: str, requests: Sequence[Request], clients: int) -> None:
    """Asks everything, by so many clients that keep their connection; raises where an answer is not as expected."""
    await share(requests, [_Client(port, token) for _ in range(clients)])


class _Client:
    """A client that costs little: what it takes is taken from the service on the same machine."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = f"Host: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    async def __call__(self, requests: Iterable[Request]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for request in requests:
            head = f"POST {request.path} HTTP/1.1\r\n{self._head}Content-Length: {len(request.body)}\r\n\r\n"
            writer.write(head.encode() + request.body)
            status, answer = await _answer(reader)
            if status != request.status:
                raise RuntimeError(f"{request.path} answered {status}: {answer.decode()[:500]}")
        writer.close()


@dataclass(frozen=True, slots=True)
class Reader:
    """A client that reads, on one connection, and costs little."""

    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    head: str

    @classmethod
    @asynccontextmanager
    async def connected(cls, port: int, token: str) -> AsyncIterator["Reader"]:
        streams = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield cls(streams, f"Host: bench\r\nAuthorization: Bearer {token}\r\n")
        finally:
            streams[1].close()

    async def get(self, target: str) -> bytes:
        """The body of the answer to `GET`. Raises `RuntimeError` unless it succeeds."""
        reader, writer = self.streams
        writer.write(f"GET {target} HTTP/1.1\r\n{self.head}\r\n".encode())
        status, answer = await _answer(reader)
        if status != 200:
            raise RuntimeError(f"{target} answered {status}: {answer.decode()[:500]}")
        return answer


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(told.split("content-length:", 1)[1].split("\r\n", 1)[0])
    return int(told.split(" ", 2)[1]), await reader.readexactly(length)


async def share[Thing](
    things: Iterable[Thing], workers: Sequence[Callable[[Iterable[Thing]], Awaitable[None]]]
) -> None:
    """Each worker takes the next thing when it has done its last."""
    left = iter(things)
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(_worked(worker(left)))


async def _worked(work: Awaitable[None]) -> None:
    await work


async def on_fast_loop[Result](work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Awaits it on a loop like the service's own."""

    def run() -> Result:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())

    return await asyncio.to_thread(run)
