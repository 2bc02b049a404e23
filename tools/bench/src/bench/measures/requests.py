"""The hot writes: requests/s of 16 clients with token and scope, beside raw asyncpg that sends the same statements.

The statements are those that the service itself sends, taken down beforehand from the same requests on a copy of the
same database; the limit plays them back on another copy, one round trip each.

The service runs as it is delivered, one process. Whoever asks it shares the machine with it: the clients are raw
sockets at about 0.15 ms of CPU a request, which is counted against the service.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
from asyncpg.connection import LoggedQuery

from bench.ground import Bench
from bench.rounds import ROUNDS, Run, in_turns
from bench.serving import (
    Access,
    Request,
    ask_all,
    ask_here,
    company,
    in_this_process,
    on_fast_loop,
    serving,
    share,
)
from bench.table import Row, at_least
from testkit import Database

CLIENTS = 16
REQUESTS = 1_600
"""Of each kind in a round: one to two seconds of it."""

BATCH = 800
"""Rows of a request that prepares the rounds."""

PLANNED_AFTER = 6
"""Executions of a prepared statement, after which PostgreSQL keeps its plan."""

REACH = 0.35

type Sent = Sequence[tuple[str, Sequence[Any]]]
"""The statements of one request and their parameters."""

KINDS = {
    "POST /v1/opportunities": ("/v1/opportunities", {"title": "MES 一期", "amount": "1200.00"}, 201),
    "stage change": ("/v1/opportunities/{}/change-stage", {"stage": "intent", "note": "约好下周"}, 200),
    "interaction": (
        "/v1/opportunities/{}/interactions",
        {"kind": "call", "direction": "outbound", "summary": "客户要看样机", "next_step": "送样机"},
        201,
    ),
}


async def measure(bench: Bench) -> list[Row]:
    """A row for each of the hot writes."""
    with Access.new() as access:
        ids: list[str] = []
        ready = partial(_ready, access=access, ids=ids)
        database, copy, other = [await bench.databases.clone(ready) for _ in range(3)]
        asked = {name: list(_requests(kind, ids, place)) for place, (name, kind) in enumerate(KINDS.items())}
        sent = await _taken_down(copy, access, asked)
        async with serving(bench, database, access) as port:
            runs: dict[str, Run] = {}
            for name in KINDS:
                runs[name] = _Product(port, access.seller, asked[name]).run
                runs[f"limit of {name}"] = _Limit(other, sent[name]).run
            figures = await in_turns(runs)
    return [
        at_least(
            name,
            figures[name],
            figures[f"limit of {name}"],
            REACH,
            "requests/s",
            f"{CLIENTS} clients, one process, {len(sent[name][-1])} round trips",
        )
        for name in KINDS
    ]


async def _ready(database: Database, access: Access, ids: list[str]) -> None:
    """The company, and the seller's opportunities that the verbs are about."""
    await company(database)
    count = 2 * ROUNDS * REQUESTS
    async with in_this_process(database, access) as api:
        client = api.client()
        client.headers["Authorization"] = f"Bearer {access.seller}"
        rows = [{"verb": "open", "title": "MES 一期", "amount": "1200.00"}] * BATCH
        for _ in range(count // BATCH):
            answer = await client.post("/v1/opportunities:batch", json={"items": rows})
            ids += [row["id"] for row in answer.raise_for_status().json()["items"]]
    async with database.connect() as connection:
        await connection.execute("vacuum analyze")


def _requests(kind: tuple[str, object, int], ids: Sequence[str], place: int) -> Iterable[Request]:
    """Those of all rounds; each is about an opportunity that no other is about."""
    path, body, status = kind
    count = ROUNDS * REQUESTS
    for number in range(count):
        about = ids[(place - 1) * count + number] if "{}" in path else ""
        yield Request.of(path.format(about), body, status)


async def _taken_down(
    database: Database, access: Access, asked: dict[str, list[Request]]
) -> dict[str, list[Sent]]:
    """What the service sends to PostgreSQL for each request."""
    sent: list[tuple[str, Sequence[Any]]] = []
    found: dict[str, list[Sent]] = {}

    def note(query: LoggedQuery) -> None:
        sent.append((query.query, query.args))

    async with in_this_process(database, access) as api:
        async with (
            api.app.state.database.at_once() as connection
        ):  # the one of all requests that follow each other
            connection.add_query_logger(note)
        for name, requests in asked.items():
            found[name] = []
            for request in requests:
                await ask_here(api.app, access.seller, request)
                await asyncio.sleep(0)  # asyncpg tells its logger when the loop comes round
                if not sent:
                    raise RuntimeError(f"{request.path} took no shortcut")
                found[name].append(tuple(sent))
                sent.clear()
    return found


@dataclass(frozen=True, slots=True)
class _Product:
    port: int
    token: str
    requests: Sequence[Request]

    async def run(self, number: int) -> float:
        chosen = self.requests[number * REQUESTS : (number + 1) * REQUESTS]
        return float(await on_fast_loop(partial(self._ask, chosen)))

    async def _ask(self, chosen: Sequence[Request]) -> float:
        began = time.perf_counter()
        await ask_all(self.port, self.token, chosen, CLIENTS)
        return len(chosen) / (time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class _Limit:
    database: Database
    sent: Sequence[Sent]

    async def run(self, number: int) -> float:
        return float(
            await on_fast_loop(partial(self._play, self.sent[number * REQUESTS : (number + 1) * REQUESTS]))
        )

    async def _play(self, chosen: Sequence[Sent]) -> float:
        connections = [await asyncpg.connect(self.database.dsn) for _ in range(CLIENTS)]
        try:
            for connection in connections:  # a pool's connections have the statements prepared and planned
                await _rehearse(connection, chosen[0])
            began = time.perf_counter()
            await share(chosen, [partial(_play, connection) for connection in connections])
            return len(chosen) / (time.perf_counter() - began)
        finally:
            for connection in connections:
                await connection.close()


async def _play(connection: asyncpg.Connection, requests: Iterable[Sent]) -> None:
    for request in requests:
        await _send(connection, request)


async def _send(connection: asyncpg.Connection, request: Sent) -> None:
    for statement, parameters in request:
        await connection.fetch(statement, *parameters)


async def _rehearse(connection: asyncpg.Connection, request: Sent) -> None:
    for _ in range(PLANNED_AFTER):
        transaction = connection.transaction()
        await transaction.start()
        await _send(connection, request)
        await transaction.rollback()
