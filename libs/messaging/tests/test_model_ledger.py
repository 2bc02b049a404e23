"""Random histories of writers and relays on a real database: whatever they do, the topic tells the ledger's facts.

A history is a few dozen small steps: transactions that draw their xid long before they write, that stay open
after they have written, or die there; transactions of bystanders; relays that read, publish, move on, die between any
two of these, are succeeded and go on all the same. What the model knows is small: which facts are committed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from shop import Shop, Thing, in_order, open_shop, without_repeats
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only
from sqlmodel import col
from stepping import Stepwise, live, one_of, stepped, waits_or_ends

from contracts import open_envelope
from messaging import Fact, backlog, record
from messaging.windows import TermEnded, Window, Windows
from testkit import Database

ROOTS = [UUID(int=each) for each in range(3)]
STEPS = [
    *["draw_xid", "draw_xid", *["record"] * 4, *["write"] * 4, *["commit"] * 4, "queue_up", "queue_up"],
    *["die_before_the_commit", "be_elsewhere", "take_over", *["relay"] * 4, "publish_a_part", "die_as_relay"],
    *["publish_everything"] * 3,
]
XID = "select pg_current_xact_id()"


class Died(Exception):
    """The process of a writer ended."""


class Writer:
    """A transaction that records facts, and can be held between its write and its commit."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self._session = shop, shop.sessions()
        self._written, self._let_go = asyncio.Event(), asyncio.Event()
        self._dies = False
        self._committing: asyncio.Task[None] | None = None
        self.things: dict[UUID, Thing] = {}
        self.facts: list[Fact] = []
        event.listen(self._session.sync_session, "before_commit", self._hold)

    @property
    def written(self) -> bool:
        """Whether its facts lie in the ledger, uncommitted."""
        return self._committing is not None

    async def draw_xid(self) -> None:
        """Makes it older than it will be when it writes."""
        await self._session.execute(text(XID))

    async def lock(self, root: UUID) -> int:
        """Locks or opens a root; the number of its last fact."""
        thing = await self._session.scalar(select(Thing).where(col(Thing.id) == root).with_for_update())
        if thing is None:
            self._session.add(thing := Thing(id=root))
            await self._session.flush()
        self.things[root] = thing
        return thing.sequence

    def record(self, root: UUID) -> None:
        """The root's next fact."""
        counted = self._shop.counted(thing_id=root, number=0)
        self.facts.append(record(self._session, self.things[root], counted, by="clerk"))

    async def write(self) -> None:
        """Everything of a commit but its last word."""
        self._committing = asyncio.create_task(self._session.commit())
        await asyncio.wait(
            [self._committing, asyncio.ensure_future(self._written.wait())],
            return_when=asyncio.FIRST_COMPLETED,
        )

    async def commit(self) -> None:
        """Ends well."""
        self._let_go.set()
        await (self._committing or self._session.commit())
        await self._session.close()

    async def die(self) -> None:
        """Ends without a commit, wherever it is."""
        self._dies = True
        self._let_go.set()
        if self._committing is not None:
            with contextlib.suppress(Died):
                await self._committing
        await self._session.close()

    def _hold(self, _: Session) -> None:
        await_only(self._gate())

    async def _gate(self) -> None:
        self._written.set()
        await self._let_go.wait()
        if self._dies:
            raise Died


class Relaying:
    """A relay at work, step by step: a page in hand, published perhaps, and then the cursor moved."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._rest: Window | None = None
        self.page: Sequence[asyncpg.Record] = ()
        self.acknowledged = False

    @property
    def ids(self) -> set[UUID]:
        """The facts of the page in hand."""
        return {open_envelope(row["envelope"]).id for row in self.page}

    async def read(self, size: int) -> None:
        """Takes a page in hand, if there is one."""
        window = await self._windows.next()
        if window is not None:
            await self._take(window, size)
            assert self.page, "a window without facts would never end"

    def publish(self, most: int) -> list[tuple[str, int]]:
        """So much of the page comes to Kafka; what did, as (root, number)."""
        rows = self.page[:most]
        self.acknowledged |= bool(rows) and len(rows) == len(self.page)
        return [(row["key"].decode(), open_envelope(row["envelope"]).sequence) for row in rows]

    async def move_on(self, size: int) -> None:
        """Moves the cursor past the page, and takes the window's next one in hand."""
        ahead = self._rest
        await (self._windows.passed(ahead) if ahead else self._windows.finished())
        self.page, self.acknowledged = (), False
        if ahead is not None:
            await self._take(ahead, size)

    async def _take(self, ahead: Window, size: int) -> None:
        """The next page that holds rows, or none at the end of the window."""
        self.page, self._rest = await self._windows.page(ahead, size)
        while not self.page and self._rest is not None:
            self.page, self._rest = await self._windows.page(self._rest, size)


@dataclass(frozen=True, slots=True)
class Stage:
    """What all histories share: a database, a connection for each relay and bystander, and one to look with."""

    shop: Shop
    relays: Sequence[asyncpg.Connection]
    bystanders: Sequence[asyncpg.Connection]
    looking: asyncpg.Connection


@contextlib.asynccontextmanager
async def staged(database: Database) -> AsyncIterator[Stage]:
    async with contextlib.AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_shop(database, "127.0.0.1:1"))
        another = replace(database, dsn=database.dsn.replace(f"/{database.name}", "/postgres"))
        assert another.dsn != database.dsn
        yield Stage(
            shop,
            [await stack.enter_async_context(database.connect()) for _ in range(2)],
            [await stack.enter_async_context(each.connect()) for each in (database, another)],
            await stack.enter_async_context(database.connect()),
        )


class History(Stepwise):
    """The model: which facts are committed, which of them the cursor has passed, and what the topic holds."""

    def __init__(self, runner: asyncio.Runner, stage: Stage) -> None:
        super().__init__(runner)
        self.stage = stage
        self.writers: dict[int, Writer] = {}
        self.locked: set[UUID] = set()
        self.committed: dict[UUID, tuple[str, int]] = {}
        self.relays: dict[int, Relaying] = {}
        self.office: int | None = None
        self.passed: set[UUID] = set()
        self.topic: list[tuple[str, int]] = []

    @rule(
        does=st.sampled_from(STEPS),
        which=st.integers(0, 3),
        root=st.sampled_from(ROOTS),
        size=st.integers(1, 4),
    )
    @stepped
    async def step(self, does: str, which: int, root: UUID, size: int) -> None:
        """What somebody does next, if they can. One rule for all, so that no history goes without any of them."""
        await getattr(self, does)(which, root, size)

    async def draw_xid(self, which: int, *_: object) -> None:
        """The transaction is older than what is committed before it writes."""
        if which not in self.writers:
            self.writers[which] = Writer(self.stage.shop)
            await self.writers[which].draw_xid()

    async def record(self, which: int, root: UUID, size: int) -> None:
        by = self.writers.setdefault(which, Writer(self.stage.shop))
        if by.written or (root in self.locked and root not in by.things):
            return
        if root not in by.things:
            self.locked.add(root)
            assert await by.lock(root) == self.last(root)
        for _ in range(size):
            by.record(root)

    async def write(self, which: int, *_: object) -> None:
        """The facts lie in the ledger, and nobody sees them yet."""
        if by := one_of([each for each in self.writers.values() if each.facts and not each.written], which):
            await by.write()

    async def commit(self, which: int, *_: object) -> None:
        if by := one_of([each for each in self.writers.values() if each.facts], which):
            await by.commit()
            self.gone(by)
            self.committed |= {fact.id: (fact.root, fact.sequence) for fact in by.facts}

    async def queue_up(self, which: int, root: UUID, size: int) -> None:
        """A writer waits for a root that another one has; that one commits, and then the writer does."""
        waiting = self.writers.get(which)
        holding = next((each for each in self.writers.values() if root in each.things), None)
        if waiting is None or holding is None or waiting.things or not self.last(root):
            return
        locking = asyncio.create_task(waiting.lock(root))
        await waits_or_ends(locking, self.stage.looking)
        for writer in holding, waiting:
            if writer is waiting:
                assert await locking == self.last(root)
                writer.record(root)
            await writer.commit()
            self.gone(writer)
            self.committed |= {fact.id: (fact.root, fact.sequence) for fact in writer.facts}

    async def die_before_the_commit(self, which: int, *_: object) -> None:
        if by := one_of(self.writers.values(), which):
            await by.die()
            self.gone(by)

    async def be_elsewhere(self, which: int, *_: object) -> None:
        """A bystander begins or ends a transaction: in the ledger's database, or in another one of the cluster."""
        connection = self.stage.bystanders[which % 2]
        await connection.execute("commit" if connection.is_in_transaction() else f"begin; {XID}")

    async def take_over(self, which: int, *_: object) -> None:
        """Whoever was in office goes on without knowing."""
        self.office = which % 2
        windows = await Windows.take_over(self.stage.relays[self.office], "shop")
        self.relays[self.office] = Relaying(windows)

    async def relay(self, which: int, root: UUID, size: int) -> None:
        """A relay reads a page, or publishes it, or moves the cursor past it."""
        if (relay := self.relays.get(which % 2)) is None:
            await self.take_over(which)
        elif not relay.page:
            await self.read(which % 2, size)
        elif not relay.acknowledged:
            self.topic += relay.publish(len(relay.page))
        else:
            await self.move_on(which % 2, size)

    async def publish_a_part(self, which: int, root: UUID, size: int) -> None:
        """Kafka fails after so much of the page, or says nothing: it must be repeated."""
        if relay := self.relays.get(which % 2):
            self.topic += relay.publish(size)
            relay.acknowledged = False

    async def die_as_relay(self, which: int, *_: object) -> None:
        """Before or after a page, or between Kafka's answer and the cursor."""
        self.relays.pop(which % 2, None)

    async def publish_everything(self, which: int, root: UUID, size: int) -> None:
        """Transactions that stay open hold up nothing but their own facts."""
        if self.office not in self.relays:
            await self.take_over(which)
        assert self.office is not None
        relay = self.relays[self.office]
        while self.passed != self.committed.keys() or relay.page:
            before = len(self.passed)
            if not relay.page:
                await self.read(self.office, size)
            self.topic += relay.publish(len(relay.page))
            await self.move_on(self.office, size)
            assert len(self.passed) > before, "nothing is gained any more"
        await self.read(self.office, size)
        assert not relay.page

    @invariant()
    @stepped
    async def the_backlog_is_what_the_cursor_has_not_passed(self) -> None:
        assert await backlog(self.stage.looking) == len(self.committed.keys() - self.passed)

    @invariant()
    def no_root_goes_backwards_or_leaps(self) -> None:
        for root, told in in_order(self.topic).items():
            assert without_repeats(told) == list(range(1, max(told) + 1)), f"{root}: {told}"

    async def end(self) -> None:
        try:
            await self.take_over(0)
            await self.publish_everything(0, ROOTS[0], 4)
            assert set(self.topic) == set(self.committed.values()), "each committed fact, and no other"
            rows = await self.stage.looking.fetch("select root, sequence from messaging.ledger order by 1, 2")
            ledger = in_order((row["root"], row["sequence"]) for row in rows)
            assert ledger == {root: list(range(1, max(told) + 1)) for root, told in ledger.items()}
            assert sum(map(len, ledger.values())) == len(self.committed)
        finally:
            for writer in self.writers.values():
                await writer.die()
            for bystander in self.stage.bystanders:
                await bystander.execute("rollback")
            await self.stage.looking.execute("truncate messaging.ledger, messaging.relay_cursor, thing")

    def last(self, root: UUID) -> int:
        """The number of the root's last committed fact."""
        return max((number for of, number in self.committed.values() if of == str(root)), default=0)

    def gone(self, writer: Writer) -> None:
        self.writers = {which: each for which, each in self.writers.items() if each is not writer}
        self.locked -= writer.things.keys()

    async def read(self, relay: int, size: int) -> None:
        await self.relays[relay].read(size)
        self.look_at_page(relay)
        if relay == self.office and not self.relays[relay].page:
            assert self.passed == self.committed.keys(), "facts are committed, and no window holds them"

    async def move_on(self, relay: int, size: int) -> None:
        page = self.relays[relay].ids
        if relay == self.office:
            await self.relays[relay].move_on(size)
            self.passed |= page
            self.look_at_page(relay)
        else:
            with pytest.raises(TermEnded):
                await self.relays[relay].move_on(size)
            del self.relays[relay]

    def look_at_page(self, relay: int) -> None:
        page = self.relays[relay].ids
        assert page <= self.committed.keys(), "nobody may hear what is not committed"
        assert relay != self.office or page.isdisjoint(self.passed), "the cursor has passed it already"


def test_every_committed_fact_is_told_in_the_order_of_its_root_whatever_writers_and_relays_do(
    shop_database: Database, histories: settings
) -> None:
    live(History, staged(shop_database), histories)
