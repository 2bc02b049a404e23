"""Batches: rows/s through one request after the other of 500 rows, beside `COPY` of the same rows and their facts into
the same tables, indexes and all.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import asyncpg

from bench.ground import Bench
from bench.rounds import ROUNDS, Run, in_turns
from bench.serving import Access, Request, ask_all, company, in_this_process, on_fast_loop, serving
from bench.table import Row, at_least
from testkit import Database

SIZE = 500
"""Rows of a request."""

BATCHES = 4
"""Requests of a round."""

SIZES = (500, 1_000, 2_000)
"""Rows of a transaction of which the limit takes its best."""

REACH, REACH_ROWS = 0.10, 3_000

KINDS = {"verbs": "/v1/opportunities:batch", "import": "/v1/opportunities:import"}

type Copied = Sequence[tuple[asyncpg.Record, Sequence[asyncpg.Record]]]
"""Rows of opportunities, each with its rows of the ledger."""


async def measure(bench: Bench) -> list[Row]:
    """Two rows each for a batch of verbs and for an import: beside the limit, and beside the fixed figure."""
    found: list[Row] = []
    with Access.new() as access:
        for kind, path in KINDS.items():
            token = access.seller if kind == "verbs" else access.operations
            requests = [_request(path, number) for number in range(ROUNDS * BATCHES)]
            database, copy = [await bench.databases.clone(company) for _ in range(2)]
            copied = await _taken_down(copy, access, token, requests)
            limits = {
                f"{size:,}": _Limit(await bench.databases.clone(company), copied, size) for size in SIZES
            }
            async with serving(bench, database, access) as port:
                runs: dict[str, Run] = {name: limit.run for name, limit in limits.items()}
                figures = await in_turns({"product": _Product(port, token, requests).run, **runs})
            product = figures["product"]
            best = max((figures[name] for name in limits), key=lambda figure: figure.median)
            measured = f"batch of {SIZE}, {kind}"
            found.append(at_least(measured, product, best, REACH, "rows/s", "one client, one process"))
            found.append(
                Row(
                    f"{measured}, by itself",
                    product.median,
                    "rows/s",
                    None,
                    None,
                    f"≥ {REACH_ROWS:,} rows/s",
                    product.median >= REACH_ROWS,
                    product.spread,
                )
            )
    return found


def _request(path: str, number: int) -> Request:
    if path.endswith(":batch"):
        row = {"verb": "open", "title": "MES 一期", "product_line": "mes", "amount": "1200.00"}
        return Request.of(path, {"items": [row] * SIZE}, 207)
    first = number * SIZE
    rows = [
        {
            "source": "crm-export",
            "external_id": f"C-{key}",
            "title": "MES 一期",
            "owner_code": "E1",
            "product_line": "mes",
            "opened_at": "2025-03-01",
            "amount": "1200.00",
        }
        for key in range(first, first + SIZE)
    ]
    return Request.of(path, {"items": rows}, 207)


async def _taken_down(
    database: Database, access: Access, token: str, requests: Sequence[Request]
) -> Sequence[Copied]:
    """The rows that the service itself makes of each request."""
    found: list[Copied] = []
    after = 0
    async with in_this_process(database, access) as api, database.connect() as connection:
        client = api.client()
        client.headers["Authorization"] = f"Bearer {token}"
        after = await connection.fetchval("select coalesce(max(id), 0) from messaging.ledger")
        for request in requests:
            answer = await client.post(request.path, content=request.body, headers=_JSON)
            if answer.raise_for_status().json()["succeeded"] != SIZE:
                raise RuntimeError(f"{request.path} refused rows: {answer.text[:500]}")
            facts = await connection.fetch(f"select id, {_FACT} from messaging.ledger where id > $1", after)
            after = max(fact["id"] for fact in facts)
            told: dict[str, list[asyncpg.Record]] = {}
            for fact in facts:
                told.setdefault(fact["root"], []).append(fact)
            rows = await connection.fetch(
                "select * from opportunity where id = any($1::text[]::uuid[])", list(told)
            )
            found.append([(row, told[str(row["id"])]) for row in rows])
    return found


_JSON = {"Content-Type": "application/json"}
_FACTS = (
    "topic",
    "partition",
    "root",
    "sequence",
    "event_id",
    "type",
    "subject",
    "occurred_at",
    "recorded_at",
    "traceparent",
    "envelope",
)
_FACT = ", ".join(_FACTS)


@dataclass(frozen=True, slots=True)
class _Product:
    port: int
    token: str
    requests: Sequence[Request]

    async def run(self, number: int) -> float:
        return await on_fast_loop(
            partial(self._ask, self.requests[number * BATCHES : (number + 1) * BATCHES])
        )

    async def _ask(self, chosen: Sequence[Request]) -> float:
        began = time.perf_counter()
        await ask_all(self.port, self.token, chosen, 1)
        return len(chosen) * SIZE / (time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class _Limit:
    database: Database
    copied: Sequence[Copied]
    size: int

    async def run(self, number: int) -> float:
        rows = list(chain.from_iterable(self.copied[number * BATCHES : (number + 1) * BATCHES]))
        return await on_fast_loop(partial(self._copy, rows))

    async def _copy(self, rows: Copied) -> float:
        batches = [rows[begin : begin + self.size] for begin in range(0, len(rows), self.size)]
        tables = [_tables(batch) for batch in batches]
        async with self.database.connect() as connection:
            columns = list(rows[0][0].keys())
            began = time.perf_counter()
            for opportunities, facts in tables:
                async with connection.transaction():
                    await connection.copy_records_to_table(
                        "opportunity", records=opportunities, columns=columns
                    )
                    await connection.copy_records_to_table(
                        "ledger", schema_name="messaging", records=facts, columns=_FACTS
                    )
            return len(rows) / (time.perf_counter() - began)


def _tables(batch: Copied) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    opportunities = [tuple(row) for row, _ in batch]
    return opportunities, [tuple(fact[name] for name in _FACTS) for _, facts in batch for fact in facts]
