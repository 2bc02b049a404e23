"""Proves read tables: the rows of some roots are told anew from their events and compared with what stands there.

The very same projections write into a schema beside the live one, in a transaction that is rolled back, so that
nobody ever sees its rows and nothing is left of them. It reads the live tables in the same snapshot: whatever a
projector commits meanwhile is in neither side, and no look is a false alarm.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from asyncpg import Connection

from messaging.arrivals import Arrival
from messaging.faults import blames_event, describe
from messaging.projector import ProjectionOutdated, Projector
from messaging.sifting import Sifted


class ProjectionSwapped(Exception):
    """A rebuild put other tables in place during the look, which has seen neither of them whole."""


@dataclass(frozen=True, slots=True)
class Belongs:
    """Which root a row belongs to: the one whose name is `prefix` and the row's `value`, a column or an
    expression of `type`."""

    value: str
    prefix: str = ""
    type: str = "uuid"

    def values(self, roots: Collection[str]) -> list[str]:
        """What rows of these roots have as their value; roots that can have no rows here are left out."""
        found = [root.removeprefix(self.prefix) for root in roots if root.startswith(self.prefix)]
        return [value for value in found if _is_uuid(value)] if self.type == "uuid" else found


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one root in one table that stand there and are not told, and that are told and do not stand there."""

    table: str
    root: str
    kept: Sequence[Mapping[str, Any]] = ()
    told: Sequence[Mapping[str, Any]] = ()
    detail: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns in which one row differs from the other; none where a row is missing or too many."""
        if len(self.kept) != 1 or len(self.told) != 1:
            return []
        kept, told = self.kept[0], self.told[0]
        return [name for name in told if kept.get(name) != told[name]]


class Evidence(Protocol):
    """Where the events of roots are kept, and what else is needed to tell them anew."""

    table: str
    """The live table in which they are kept."""

    async def arrivals(self, connection: Connection, schema: str, roots: Collection[str]) -> list[Arrival]:
        """All events that are kept of the roots, each root's in the order of their numbers."""
        ...

    async def needed(self, connection: Connection, schema: str) -> list[str]:
        """The roots without which none can be told, such as definitions that apply to all."""
        ...

    async def further(self, connection: Connection, schema: str, roots: Collection[str]) -> list[Difference]:
        """What else does not hold of the roots, such as sums over the rows of many."""
        ...


class Prover:
    """Looks at the tables of a projector. Each look has a connection of its own; looks at one database take turns."""

    def __init__(self, projector: Projector, evidence: Evidence, tables: Mapping[str, Belongs]) -> None:
        """`tables` says of each table that holds rows of roots which rows are whose."""
        self.schema, self.beside_schema = projector.schema, f"{projector.schema}_proof"
        self.evidence, self._projector, self._tables = evidence, projector, dict(tables)
        self._compare = " union all ".join(
            _COMPARE.format(
                number=number,
                table=table,
                live=self.schema,
                beside=self.beside_schema,
                value=belongs.value,
                type=belongs.type,
            )
            for number, (table, belongs) in enumerate(self._tables.items(), 1)
        )

    @asynccontextmanager
    async def look(self) -> AsyncIterator["Look"]:
        """A look at one instant. Raises `ProjectionSwapped` at its end where it was not one, and
        `ProjectionOutdated` where another version of the program made the tables."""
        beside = self._projector.beside(self.beside_schema)
        try:
            await _make(beside)
            async with beside.transaction() as unit:
                connection = unit.connection
                await connection.execute("set transaction isolation level repeatable read")
                await connection.execute(_TURN, self.beside_schema)
                live = await connection.fetchval(_SEEN, self.schema)
                if await _fingerprint(connection, self.schema) != beside.fingerprint:
                    raise ProjectionOutdated(f"the tables of schema {self.schema} are another version's")
                yield Look(self, unit)
                # Names are looked up as they are now, rows as they were at the beginning.
                if live != await connection.fetchval("select to_regnamespace($1)::oid", self.schema):
                    raise ProjectionSwapped(self.schema)
                raise _Seen
        except _Seen:
            pass
        finally:
            await beside.close()

    async def prove(self, roots: Collection[str]) -> list[Difference]:
        """The differences of these roots and of those that are needed, each look at an instant of its own: roots
        that cannot be told anew are sought out by halves."""
        try:
            async with self.look() as look:
                return await look.retell(roots)
        except (ProjectionOutdated, ProjectionSwapped):
            raise
        except Exception as error:
            if not blames_event(error) or not roots:
                raise
            return await self._divide(list(roots), error)

    async def _divide(self, roots: list[str], error: Exception) -> list[Difference]:
        if len(roots) == 1:
            return [
                Difference(self.evidence.table, roots[0], detail=f"cannot be told anew: {describe(error)}")
            ]
        half = len(roots) // 2
        found = [*await self.prove(roots[:half]), *await self.prove(roots[half:])]
        return list({(each.table, each.root): each for each in found}.values())


class Look:
    """The live tables at one instant, and beside them what has been told anew."""

    def __init__(self, prover: Prover, unit: Any) -> None:
        self.connection: Connection = unit.connection
        self._prover, self._unit = prover, unit

    async def retell(self, roots: Collection[str]) -> list[Difference]:
        """Tells the roots anew, with those that are needed; what differs, by table and root. Once a look."""
        prover, evidence = self._prover, self._prover.evidence
        all_roots = sorted({*roots, *await evidence.needed(self.connection, prover.schema)})
        arrivals = await evidence.arrivals(self.connection, prover.schema, all_roots)
        runs: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            runs.setdefault(arrival.root, []).append(arrival)
        if runs:
            await self._unit.apply(Sifted(ready=runs))
        return [
            *await self._miscounted(runs, all_roots),
            *await self._differing(all_roots),
            *await evidence.further(self.connection, prover.schema, roots),
        ]

    async def _miscounted(
        self, runs: Mapping[str, Sequence[Arrival]], roots: Sequence[str]
    ) -> list[Difference]:
        """Roots of which not all events are kept: those up to the last one that the books have applied."""
        rows = await self.connection.fetch(_LAST.format(schema=self._prover.schema), roots)
        last = {row["root"]: row["last"] for row in rows}
        return [
            Difference(self._prover.evidence.table, root, detail=f"not the events 1 to {last.get(root, 0)}")
            for root in roots
            if [arrival.sequence for arrival in runs.get(root, ())] != list(range(1, last.get(root, 0) + 1))
        ]

    async def _differing(self, roots: Sequence[str]) -> list[Difference]:
        prover = self._prover
        values = [belongs.values(roots) for belongs in prover._tables.values()]
        found: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: {"kept": [], "told": []})
        for row in await self.connection.fetch(prover._compare, *values):
            root = f"{prover._tables[row['name']].prefix}{row['value']}"
            found[row["name"], root][row["side"]].append(json.loads(row["said"]))
        return [
            Difference(table, root, sides["kept"], sides["told"])
            for (table, root), sides in sorted(found.items())
        ]


class _Seen(Exception):
    """Rolls back what a look has told."""


async def _make(beside: Projector) -> None:
    """Creates the schema beside, which stays empty, or makes it anew after an update of the program."""
    try:
        await beside.ensure()
    except ProjectionOutdated:
        async with beside.transaction() as unit:
            await unit.connection.execute(_TURN, beside.schema)
            await unit.connection.execute(f"drop schema {beside.schema} cascade")
            await beside.create(unit.connection)


async def _fingerprint(connection: Connection, schema: str) -> str | None:
    found: str | None = await connection.fetchval(f"select fingerprint from {schema}.projection_fingerprint")
    return found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


_TURN = "select pg_advisory_xact_lock(hashtextextended($1, 0))"

_SEEN = "select oid from pg_namespace where nspname = $1"
"""As the snapshot has it, unlike `to_regnamespace`."""

_LAST = """
select root, max(last_sequence) as last from {schema}.consumer_root where root = any($1::text[]) group by root
"""

# What cannot be compared as it is (jsonpath) can as JSON, and differing columns are named from it.
_COMPARE = """
(
    with kept as (
        select ({value})::text as value, to_jsonb(mine) as said from {live}.{table} as mine
        where {value} = any(cast(${number}::text[] as {type}[]))
    ),
    told as (
        select ({value})::text as value, to_jsonb(mine) as said from {beside}.{table} as mine
        where {value} = any(cast(${number}::text[] as {type}[]))
    )
    select '{table}' as name, 'kept' as side, value, said::text as said
    from (select * from kept except all select * from told) as unpaired
    union all
    select '{table}', 'told', value, said::text from (select * from told except all select * from kept) as unpaired
)
"""
