"""Random histories of a topic and its consumers on a real database: each fact counts once, in the order of its root.

Facts are repeated, left out and told later after all; some cannot be applied until they are cured, some records are
no facts. Two members claim partitions from each other, go on when they no longer may, and die inside a transaction
or right after it. What the model knows is what the topic holds and how far each partition is read.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from shop import Counted, Shop, open_shop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from stepping import Stepwise, live, stepped, waits_or_ends

from contracts import Received
from messaging import Batch, Projector, ReactionConsumer, Reactions, retry_parked
from messaging.absorbing import Absorber, Handler, Load, Unit
from messaging.arrivals import read
from messaging.books import Books, Claim, Fenced, Progress
from messaging.sifting import Sifted
from messaging.topics import Place
from testkit import Database

ROOTS = [UUID(int=each) for each in range(4)]
GROUP = "model"
TOLD = ["say", "say", "say", "leave_out", "say_again", "say_again", "spoil", "say_what_fails", "cure"]
HEARD = [
    *[
        "retry",
        "claim",
        "claim",
        "absorb",
        "absorb",
        "absorb",
        "absorb",
        "die_absorbing",
        "be_overtaken",
        "die",
    ],
]
TALLY = "create table tally (at bigserial, thing uuid, number bigint)"

type Number = tuple[str, int]
"""A root and the number of a fact."""


class Died(ConnectionError):
    """The process of a member ended."""


@dataclass
class Fate:
    """What happens to a member inside its next transactions."""

    dies_in: tuple[int, str] | None = None
    gate: asyncio.Event | None = None
    inside: asyncio.Event = field(default_factory=asyncio.Event)

    async def reaches(self, point: str) -> None:
        """Passes a point inside a transaction, or dies there."""
        if point == "rows" and self.gate is not None:
            self.inside.set()
            await self.gate.wait()
        if self.dies_in is not None:
            left, where = self.dies_in
            if where == point:
                if left == 0:
                    raise Died
                self.dies_in = left - 1, where


class Mortal:
    """A handler whose process may die between the rows and the books, or between these and the commit."""

    def __init__(self, handler: Handler, fate: Fate) -> None:
        self._handler, self._fate = handler, fate

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Unit]:
        async with self._handler.transaction() as unit:
            yield MortalUnit(unit, self._fate)
            await self._fate.reaches("books")


class MortalUnit:
    """Its transaction."""

    def __init__(self, unit: Unit, fate: Fate) -> None:
        self.connection, self._unit, self._fate = unit.connection, unit, fate

    async def apply(self, sifted: Sifted) -> None:
        await self._unit.apply(sifted)
        await self._fate.reaches("rows")


class Member:
    """A process of the group, with what it believes to have claimed."""

    def __init__(self, handler: Handler, schema: str) -> None:
        self.fate, self.claims = Fate(), dict[Place, Claim]()
        self.handler, self.books = Mortal(handler, self.fate), Books(GROUP, schema)
        self.absorber = Absorber(self.books, self.handler)

    @property
    def epochs(self) -> dict[Place, int]:
        return {place: claim.epoch for place, claim in self.claims.items()}

    async def claim(self, places: Sequence[Place]) -> None:
        async with self.handler.transaction() as unit:
            self.claims |= await self.books.claim(unit.connection, places)

    def die(self) -> None:
        """What the process knew is gone; another one starts in its stead."""
        self.claims.clear()
        self.fate.dies_in = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What all histories share: members that write by one way or the other, and where it is seen."""

    shop: Shop
    handlers: Sequence[Handler]
    schema: str
    tally: str
    failing: set[Number]
    looking: asyncpg.Connection


@contextlib.asynccontextmanager
async def reacting(database: Database) -> AsyncIterator[Stage]:
    """Two members that react, root by root."""
    failing: set[Number] = set()
    async with open_shop(database, "127.0.0.1:1") as shop, database.connect() as looking:
        reactions = Reactions(GROUP)

        @reactions.on(shop.counted)
        async def tally(session: AsyncSession, fact: Counted, received: Received) -> None:
            insert = text("insert into tally (thing, number) values (:thing, :number)")
            await session.execute(insert, {"thing": fact.thing_id, "number": received.sequence})
            if (received.root, received.sequence) in failing:
                raise ValueError("cannot be counted")

        members = [ReactionConsumer(reactions, shop, shop.settings) for _ in range(2)]
        yield Stage(shop, members, "messaging", "public.tally", failing, looking)


@contextlib.asynccontextmanager
async def projecting(database: Database) -> AsyncIterator[Stage]:
    """Two members that project, whole batches at a time."""
    failing: set[Number] = set()

    class Tallying:
        def __init__(self, shop: Shop) -> None:
            self.hears = frozenset({shop.counted})

        async def apply(self, connection: asyncpg.Connection, batch: Batch) -> None:
            await connection.execute(
                "insert into tally (thing, number) select root::uuid, sequence from batch order by root, sequence"
            )
            if not failing.isdisjoint((each.root, each.sequence) for each in batch.received):
                raise ValueError("cannot be counted")

    async with open_shop(database, "127.0.0.1:1") as shop, database.connect() as looking:
        members = [
            Projector(GROUP, "projection", TALLY, [Tallying(shop)], database.url, shop.settings)
            for _ in range(2)
        ]
        await members[0].ensure()
        try:
            yield Stage(shop, members, "projection", "projection.tally", failing, looking)
        finally:
            for each in members:
                await each.close()


class Hearing(Stepwise):
    """The model: what each partition holds, how far it is read, and what may have been heard beyond."""

    def __init__(self, runner: asyncio.Runner, stage: Stage) -> None:
        super().__init__(runner)
        self.stage = stage
        self.places = [Place(stage.shop.topic, partition) for partition in range(2)]
        self.log: dict[Place, list[Number | None]] = {place: [] for place in self.places}
        self.bytes: dict[Number, bytes] = {}
        self.last = {str(root): 0 for root in ROOTS}
        self.ever_failing: set[Number] = set()
        self.members = [Member(handler, stage.schema) for handler in stage.handlers]
        self.epochs = dict.fromkeys(self.places, 0)
        self.read_to = dict.fromkeys(self.places, 0)
        self.heard_to = dict.fromkeys(self.places, 0)

    @rule(
        does=st.sampled_from(TOLD + HEARD),
        which=st.integers(0, 5),
        root=st.sampled_from(ROOTS),
        size=st.integers(1, 6),
    )
    @stepped
    async def step(self, does: str, which: int, root: UUID, size: int) -> None:
        """What happens next, if it can. Everything must hold after each step that changes the books."""
        await getattr(self, does)(which, str(root), size)
        if does in HEARD:
            counted = await self.counted()
            await self.each_fact_counts_once_and_in_the_order_of_its_root(counted)
            await self.what_does_not_count_yet_waits_and_says_why(counted)
            await self.offsets_move_with_what_was_done()

    async def say(self, which: int, root: str, size: int) -> None:
        for _ in range(size):
            self.put(self.new(root))

    async def leave_out(self, which: int, root: str, *_: object) -> None:
        """A fact does not come to Kafka, although the ones after it do."""
        self.new(root)

    async def say_again(self, which: int, root: str, size: int) -> None:
        """A page is repeated, or the owner tells a root's facts anew."""
        for sequence in range(which + 1, min(which + 1 + size, self.last[root] + 1)):
            self.put((root, sequence))

    async def spoil(self, which: int, *_: object) -> None:
        """A record that is no fact."""
        self.log[self.places[which % 2]].append(None)

    async def say_what_fails(self, which: int, root: str, *_: object) -> None:
        self.ever_failing.add(number := self.new(root))
        self.stage.failing.add(number)
        self.put(number)

    async def cure(self, *_: object) -> None:
        self.stage.failing.clear()

    async def retry(self, which: int, root: str, size: int) -> None:
        """Somebody asks for it, and a member hears of it at its heartbeat."""
        member = self.members[which % 2]
        await retry_parked(self.stage.looking, root=root, schema=self.stage.schema)
        async with member.handler.transaction() as unit:
            retries = await member.books.retries(unit.connection, list(member.claims))
        for each, place in retries.items():
            load = Load({place: member.claims[place].epoch}, retried=frozenset({each}))
            await self.absorbed(member, load)

    async def claim(self, which: int, root: str, size: int) -> None:
        """A member is assigned a partition, or both; whoever had it does not hear of it."""
        places = self.places if size > 4 else [self.places[size % 2]]
        await self.members[which % 2].claim(places)
        self.claimed(self.members[which % 2], places)

    async def absorb(self, which: int, root: str, size: int) -> None:
        await self.absorbed(self.members[which % 2], self.batch(self.members[which % 2], size))

    async def die_absorbing(self, which: int, root: str, size: int) -> None:
        """After so many transactions, with the rows written or the books too. A batch that nothing fails in is one."""
        member = self.members[which % 2]
        if not self.may(member):
            return
        member.fate.dies_in = which % 3, ("rows", "books")[which // 3]
        load = self.batch(member, size)
        with contextlib.suppress(Died):
            await self.absorbed(member, load)
        member.die()

    async def be_overtaken(self, which: int, root: str, size: int) -> None:
        """Its partition is claimed while it is in the middle of a transaction: the heir begins where that one ends."""
        member, heir = self.members[which % 2], self.members[1 - which % 2]
        load = self.batch(member, size)
        if not load.arrivals or not self.may(member):
            return
        member.fate.gate, member.fate.inside = asyncio.Event(), asyncio.Event()
        absorbing = asyncio.create_task(self.absorbed(member, load))
        inside = asyncio.create_task(member.fate.inside.wait())
        await asyncio.wait([absorbing, inside], return_when=asyncio.FIRST_COMPLETED)
        claiming = asyncio.create_task(heir.claim(list(load.progress)))
        await waits_or_ends(claiming, self.stage.looking)
        member.fate.gate.set()
        with contextlib.suppress(Fenced):
            await absorbing
        await claiming
        inside.cancel()
        member.fate.gate = None
        self.claimed(heir, list(load.progress))

    async def die(self, which: int, *_: object) -> None:
        self.members[which % 2].die()

    async def each_fact_counts_once_and_in_the_order_of_its_root(
        self, counted: Mapping[str, list[int]]
    ) -> None:
        for root, numbers in counted.items():
            assert numbers == list(range(1, len(numbers) + 1)), f"{root}: {numbers}"
        applied = await self.look("select root, last_sequence from {schema}.consumer_root")
        assert {root: last for root, last in applied if last} == {
            root: len(numbers) for root, numbers in counted.items()
        }

    async def what_does_not_count_yet_waits_and_says_why(self, counted: Mapping[str, list[int]]) -> None:
        waiting: dict[str, set[int]] = {}
        for root, sequence in await self.look(
            "select root, sequence from {schema}.parked_event where type <> ''"
        ):
            waiting.setdefault(root, set()).add(sequence)
        reasons = await self.look(
            "select root, reason from {schema}.parked_root where reason <> 'unreadable'"
        )
        parked: dict[str, str] = {root: reason for root, reason in reasons}  # noqa: C416  # records are no pairs
        assert parked.keys() == waiting.keys()
        surely, perhaps = self.heard(self.read_to), self.heard(self.heard_to)
        for root in self.last:
            done, late = len(counted.get(root, ())), waiting.get(root, set())
            assert {each for each in surely[root] if each > done} <= late <= perhaps[root], root
            assert set(range(1, done + 1)) <= perhaps[root], root
            match parked.get(root):
                case "failed":
                    assert done + 1 in late
                    # That one, or a later one, where the member died before it had found which.
                    assert any((root, number) in self.ever_failing for number in late)
                case "gap":
                    assert done + 1 not in late
                case reason:
                    assert reason is None

    async def offsets_move_with_what_was_done(self) -> None:
        rows = await self.look("select topic, partition, next_offset, epoch from {schema}.consumer_position")
        books = {Place(*place): (offset, epoch) for *place, offset, epoch in rows}
        assert (
            books.items()
            >= {place: (self.read_to[place], epoch) for place, epoch in self.epochs.items() if epoch}.items()
        )
        unreadable = await self.look("select count(*) from {schema}.parked_root where reason = 'unreadable'")
        spoilt = sum(self.log[place][: self.read_to[place]].count(None) for place in self.places)
        assert unreadable[0][0] == spoilt

    async def end(self) -> None:
        """Cured, told all that is missing and asked to try again, the consumers have counted everything."""
        try:
            await self.cure()
            for root, last in self.last.items():
                for sequence in range(1, last + 1):
                    self.put((root, sequence))
            await self.claim(0, "", 6)
            while any(self.read_to[place] < len(self.log[place]) for place in self.places):
                await self.absorb(0, "", 50)
            for root in self.last:
                await self.retry(0, root, 0)
            counted = await self.counted()
            assert counted == {root: list(range(1, last + 1)) for root, last in self.last.items() if last}
            assert not await self.look("select root from {schema}.parked_root where reason <> 'unreadable'")
        finally:
            self.stage.failing.clear()
            tables = ["consumer_position", "consumer_root", "parked_root", "parked_event"]
            delete = "; ".join(f"delete from {self.stage.schema}.{table}" for table in tables)
            await self.stage.looking.execute(f"{delete}; delete from {self.stage.tally}")

    def new(self, root: str) -> Number:
        """The root's next fact, in its owner's ledger."""
        self.last[root] += 1
        number = root, self.last[root]
        self.bytes[number] = self.stage.shop.envelope(UUID(root), self.last[root])["envelope"]
        return number

    def put(self, number: Number) -> None:
        self.log[self.places[UUID(number[0]).int % 2]].append(number)

    def heard(self, to: Mapping[Place, int]) -> dict[str, set[int]]:
        """The numbers of each root among the first records of the partitions."""
        heard: dict[str, set[int]] = {root: set() for root in self.last}
        for place, end in to.items():
            for number in self.log[place][:end]:
                if number is not None:
                    heard[number[0]].add(number[1])
        return heard

    def claimed(self, member: Member, places: Sequence[Place]) -> None:
        for place in places:
            self.epochs[place] += 1
            assert member.claims[place] == Claim(self.epochs[place], self.read_to[place]), (
                "begins where others ended"
            )

    def may(self, member: Member) -> bool:
        """Whether all that it believes to have claimed is still its own."""
        return all(self.epochs[place] == epoch for place, epoch in member.epochs.items())

    def batch(self, member: Member, size: int) -> Load:
        """The next records of what it believes to have claimed."""
        records: list[Any] = []
        progress = {}
        for place, claim in member.claims.items():
            run = self.log[place][claim.next_offset : claim.next_offset + size]
            records += [
                SimpleNamespace(
                    topic=place.topic, partition=place.partition, offset=offset, key=None, value=value
                )
                for offset, value in zip(
                    itertools.count(claim.next_offset),
                    [self.bytes[number] if number else b"no fact" for number in run],
                    strict=False,
                )
            ]
            progress[place] = Progress(claim.next_offset + len(run), len(self.log[place]))
        return Load(member.epochs, *read(records), progress)

    async def absorbed(self, member: Member, load: Load) -> None:
        """Absorbs, or is refused, as the model says."""
        if any(self.epochs[place] != epoch for place, epoch in load.epochs.items()):
            with pytest.raises(Fenced):
                await member.absorber.absorb(load)
            return
        for place, progress in load.progress.items():
            self.heard_to[place] = max(self.heard_to[place], progress.next_offset)
        await member.absorber.absorb(load)
        for place, progress in load.progress.items():
            self.read_to[place] = progress.next_offset
            member.claims[place] = Claim(member.claims[place].epoch, progress.next_offset)

    async def counted(self) -> dict[str, list[int]]:
        counted: dict[str, list[int]] = {}
        for root, number in await self.look("select thing::text, number from {tally} order by at"):
            counted.setdefault(root, []).append(number)
        return counted

    async def look(self, query: str) -> list[asyncpg.Record]:
        return await self.stage.looking.fetch(query.format(schema=self.stage.schema, tally=self.stage.tally))


@pytest.mark.parametrize("staged", [reacting, projecting])
def test_every_fact_counts_once_in_the_order_of_its_root_whatever_befalls_topic_and_consumers(
    shop_database: Database,
    histories: settings,
    staged: Callable[[Database], contextlib.AbstractAsyncContextManager[Stage]],
) -> None:
    half = settings(histories, max_examples=histories.max_examples // 2)
    live(Hearing, staged(shop_database), half)
