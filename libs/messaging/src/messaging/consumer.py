"""The loop of a consumer group's member: claim, fetch, absorb, and while one batch is applied read the next."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from asyncpg import Connection

from messaging.absorbing import Absorber, Handler, Load
from messaging.books import Books, Fenced, Look, Waiting
from messaging.closing import close
from messaging.faults import Failures, TooManyFail, Trouble, blames_event, describe, wait
from messaging.lanes import Lanes, LogEndsElsewhere
from messaging.metrics import ALARM, BEHIND, PARKED
from messaging.noise import quieten
from messaging.paced import LONG_SILENCE, PacedConsumer
from messaging.repairs import Ask, ask
from messaging.settings import MessagingSettings
from messaging.topics import PARTITIONS, Place, create_missing

log = structlog.get_logger("messaging")

FETCH_WAIT_MS, QUIET_WAIT_MS = 200, 500
"""For how long the loop waits for events before it looks after everything else; twice as long once the silence has
lasted for a while. What comes ends the wait."""
BEATS_MOST = 10
"""Heartbeats of which one is made after a long silence: while nothing comes and no root waits, the pause between two
is a quarter of the silence so far, up to so many times the usual one."""
REBALANCE_WAIT = 1.0
PORTION = 500
"""Events that are opened between two turns of the event loop. To open a whole batch takes as long as a statement over
it, and connections whose statement has ended meanwhile would stand idle."""
FETCH_SHARED, FETCH_ALONE = 1 << 20, 16 << 20
"""Bytes of a partition that are fetched at a time. A rebuild reads long runs of one partition, whose facts are about
few roots; a live consumer keeps little in memory of each of many."""

quieten()


class Member(Handler, Protocol):
    """What a consumer does, and how it reaches its books while there is nothing to do."""

    def at_once(self) -> AbstractAsyncContextManager[Connection]:
        """A connection on which each statement is a transaction of its own."""
        ...


class Consumer:
    """One member of a consumer group. Survives restarts of Kafka and PostgreSQL."""

    def __init__(
        self,
        books: Books,
        handler: Member,
        topics: Collection[str],
        settings: MessagingSettings,
        batch: int,
        *,
        alone: bool = False,
        shares: int = 1,
    ) -> None:
        """`alone` reads all partitions without being a member of the group, beside whoever is. `shares`: how many
        transactions of `handler` a large batch is shared out to, side by side.
        """
        self._books, self._handler, self._settings, self._batch = books, handler, settings, batch
        if not topics:
            raise ValueError(f"group {books.group} hears nothing")
        self._topics = sorted(topics)
        self._failures = Failures(settings.park_most)
        self._absorber = Absorber(books, handler, self._failures)
        self._trouble = Trouble(settings)
        self._in_hand: list[_Applying] = []
        self._hinting: asyncio.Task[None] | None = None
        self._begin: Callable[[], Awaitable[None]] | None = None
        self._beaten_at, self._alone, self._shares = 0.0, alone, shares
        self._failing: Collection[Place] = ()
        self._hinted: dict[TopicPartition, int] = {}
        self._looks: Mapping[Place, Look] = {}
        self._waiting = Waiting(0, 0, 0)
        self.alarm: str | None = None

    @property
    def error(self) -> str | None:
        """Why it stands still, if it does."""
        return self.alarm or self._trouble.error

    @property
    def stalled(self) -> str | None:
        """Why it has stood still for so long that somebody should look; None while it gets on."""
        return self.alarm or self._trouble.stalled

    async def run(
        self,
        stop: asyncio.Event,
        *,
        begin: Callable[[], Awaitable[None]] | None = None,
        until: Mapping[Place, int] | None = None,
    ) -> None:
        """Consumes until `stop`, after `begin` has succeeded, which may take several tries like the rest. It is asked
        again after each claim, because what was lost then may lie on other tables now.

        On an alarm it stands still and says why, for a person must decide, and goes on when asked to. One that reads
        `alone` may be given `until`: it reads those partitions, each to just before that offset, and then sets `stop`
        itself.
        """
        self._begin = begin
        while not stop.is_set():
            try:
                if begin is not None:
                    await begin()
                await self._session(stop, until)
            except LogEndsElsewhere as found:
                await self._stand_still(str(found), [found.place], (), stop)
            except TooManyFail as found:
                await self._stand_still(str(found), self._failing, found.roots, stop)
            except Exception as trouble:
                await self._recover(trouble, stop)

    async def _session(self, stop: asyncio.Event, until: Mapping[Place, int] | None) -> None:
        self._hinted = {}
        async with self._kafka() as kafka:
            lanes = Lanes(kafka, self._quiesce, until)
            await self._join(kafka, lanes, until)
            try:
                while not stop.is_set():
                    await self._step(kafka, lanes, stop)
                    if lanes.finished:
                        stop.set()
            finally:
                await self._abandon()
                if self._hinting is not None:
                    await asyncio.wait([self._hinting])
            await self._hint(kafka, lanes)

    async def _join(self, kafka: PacedConsumer, lanes: Lanes, until: Mapping[Place, int] | None) -> None:
        if not self._alone:
            kafka.subscribe(self._topics, listener=lanes)
            return
        everything = [Place(topic, each) for topic in self._topics for each in range(PARTITIONS)]
        partitions = [TopicPartition(*place) for place in (until or everything)]
        kafka.assign(partitions)
        await lanes.on_partitions_assigned(partitions)

    async def _step(self, kafka: PacedConsumer, lanes: Lanes, stop: asyncio.Event) -> None:
        try:
            if lanes.unclaimed:
                await self._claim(lanes)
            load = await self._read(kafka, lanes)
            due = self._beats(kafka)
            if self._in_hand and (due or not self._follows(load)):
                await self._settle()
                if load and not lanes.bounded:  # what has come meanwhile would wait for one batch more
                    load = await self._read(kafka, lanes, load)
            if due:
                await self._beat(kafka, lanes)
            if load:
                await self._start(load, lanes)
            elif lanes.at_end:
                self._trouble.well()
        except (KafkaError, LogEndsElsewhere, TooManyFail):
            raise
        except Exception as trouble:
            await self._abandon()
            lanes.release()
            await self._recover(trouble, stop)

    async def _claim(self, lanes: Lanes) -> None:
        await self._settle()
        async with self._handler.transaction() as unit:
            claims = await self._books.claim(unit.connection, lanes.unclaimed)
        if self._begin is not None:
            await self._begin()
        lanes.begin(claims)
        self._beaten_at = 0.0  # what waits there may be asked for

    async def _read(self, kafka: PacedConsumer, lanes: Lanes, load: Load | None = None) -> Load | None:
        """What comes next, up to a batch with what `load` has of it. Only for the first event it waits; up to given
        bounds nobody waits for the first, and a batch is filled: one of 20,000 costs less an event than four of 5,000.
        """
        while not lanes.read_out and (room := self._batch - (len(load.arrivals) if load else 0)) > 0:
            wait_ms = 0 if load and not lanes.bounded else None
            more = lanes.accept(await self._fetch(kafka, lanes, min(room, PORTION), wait_ms))
            if more is None:
                break
            load = load.with_(more) if load else more
            if len(more.arrivals) < PORTION and not lanes.bounded:
                break  # that was all
            await asyncio.sleep(0)
        return load

    async def _fetch(
        self, kafka: PacedConsumer, lanes: Lanes, most: int, wait_ms: int | None = None
    ) -> dict[TopicPartition, list[Any]]:
        if wait_ms is None:
            wait_ms = QUIET_WAIT_MS if kafka.quiet else FETCH_WAIT_MS
            wait_ms *= 2 if kafka.silence > LONG_SILENCE else 1
        try:
            async with asyncio.timeout(REBALANCE_WAIT):  # it waits for the end of a rebalance, however long
                fetched: dict[TopicPartition, list[Any]] = await kafka.getmany(
                    timeout_ms=wait_ms, max_records=most
                )
        except TimeoutError:
            return {}
        except NoOffsetForPartitionError:
            return {}  # aiokafka looked for an offset before it was told ours; once after each assignment
        except OffsetOutOfRangeError as error:
            for partition, offset in error.args[0].items():
                if lanes.expects(place := Place(*partition), offset):
                    raise LogEndsElsewhere(place, f"offset {offset}") from error
            return {}
        return fetched

    def _follows(self, load: Load | None) -> bool:
        """Whether a batch and the one in hand are both shared out: no share then waits for all of the other."""
        return load is not None and load.large and len(self._in_hand) > 1

    async def _start(self, load: Load, lanes: Lanes) -> None:
        """Has each share of a batch applied after that of the batch in hand, and waits for the latter."""
        before = self._in_hand
        shares = load.shares(self._shares, [each.load for each in before]) if load.large else [load]
        self._in_hand = [
            _Applying(share, asyncio.create_task(self._absorb(share, lanes, earlier)))
            for share, earlier in zip_longest(shares, before)
        ]
        await _end(before)

    async def _absorb(self, load: Load, lanes: Lanes, earlier: "_Applying | None") -> None:
        if earlier is not None:
            await earlier.task
        if not load.epochs:
            return
        try:
            await self._absorber.absorb(load)
        except TooManyFail:
            self._failing = load.epochs.keys()
            raise
        lanes.done(load)
        self._trouble.well()

    async def _settle(self) -> None:
        """Waits for what is in hand, and raises what went wrong with it."""
        try:
            await _end(self._in_hand)
        finally:
            self._in_hand = []

    async def _quiesce(self) -> None:
        """Waits for what is in hand; what went wrong with it is for the loop to hear."""
        if self._in_hand:
            await asyncio.wait([each.task for each in self._in_hand])

    async def _abandon(self) -> None:
        """Waits for what is in hand, whatever becomes of it: the books say what was done."""
        with contextlib.suppress(Exception):
            await self._settle()

    def _beats(self, kafka: PacedConsumer) -> bool:
        """Whether it is time to look after everything else."""
        pause = self._settings.heartbeat
        if not self._waiting.parked:
            pause = max(pause, min(kafka.silence / 4, pause * BEATS_MOST))
        return time.monotonic() >= self._beaten_at + pause

    async def _beat(self, kafka: PacedConsumer, lanes: Lanes) -> None:
        self._beaten_at = time.monotonic()
        self._show(lanes.behind())
        if not lanes.claimed:
            return
        retries: dict[str, Place] = {}
        asks: Sequence[Ask] = ()
        async with self._handler.at_once() as connection:
            if (looks := lanes.looks()) != self._looks:
                await self._books.see_ends(connection, looks)
                self._looks = looks
            self._waiting = await self._books.waiting(connection)
            if self._waiting.retries:
                retries = await self._books.retries(connection, lanes.claimed)
            if self._waiting.asks and not self._alone:
                asks = await self._books.ask(connection, lanes.claimed)
        if retries:
            await self._absorber.absorb(Load(lanes.epochs(retries.values()), retried=frozenset(retries)))
        if asks:
            await self._ask(asks)
        # What comes meanwhile shall not wait for it.
        if self._hinting is None or self._hinting.done():
            self._hinting = asyncio.create_task(self._hint(kafka, lanes))

    async def _ask(self, asks: Sequence[Ask]) -> None:
        """Asks the owners for what is missing. What is not heard is asked again."""
        try:
            await ask(self._settings, asks)
            log.info("owners asked", group=self._books.group, roots=len(asks))
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("owners not asked", group=self._books.group, error=describe(error))

    def _show(self, behind: Mapping[str, int]) -> None:
        if self._alone:
            return
        for topic in self._topics:
            BEHIND.labels(self._books.group, topic).set(behind.get(topic, 0))
        PARKED.labels(self._books.group).set(self._waiting.parked)
        ALARM.labels(self._books.group).set(self.alarm is not None)

    async def _hint(self, kafka: PacedConsumer, lanes: Lanes) -> None:
        """Tells Kafka how far we are, where it does not know it yet, for its lag tools alone; nothing depends on it."""
        if self._alone:
            return
        if news := dict(lanes.hints().items() - self._hinted.items()):
            with contextlib.suppress(KafkaError, IllegalStateError, TimeoutError):
                async with asyncio.timeout(self._settings.heartbeat):
                    await kafka.commit(news)
                    self._hinted |= news

    async def _recover(self, trouble: Exception, stop: asyncio.Event) -> None:
        if self._alone and stop.is_set():
            return  # a rebuild is over: its tables bear another name by now
        error = self._trouble.note(trouble)
        if isinstance(trouble, Fenced):
            log.info("consumer fenced", group=self._books.group, detail=str(trouble))
        elif blames_event(trouble):
            log.exception("consumer failed", group=self._books.group, exc_info=trouble)
        else:
            log.warning("consumer interrupted", group=self._books.group, error=error)
        await self._trouble.pause(stop)

    async def _stand_still(
        self, why: str, places: Collection[Place], failed: Collection[str], stop: asyncio.Event
    ) -> None:
        """Raises an alarm, and waits until somebody asks the group to go on."""
        self.alarm, since = why, None
        ALARM.labels(self._books.group).set(not self._alone)
        log.error("consumer stands still", group=self._books.group, error=why)
        while not stop.is_set():
            try:
                async with self._handler.transaction() as unit:
                    if since is None:
                        since = await self._books.raise_alarm(unit.connection, places, why, failed)
                    elif await self._books.resumed(unit.connection, since):
                        break
            except Exception:
                log.exception("the alarm could not be written down, or looked after", group=self._books.group)
            await wait(stop, self._settings.heartbeat)
        self._failures.forget()
        self.alarm = None
        ALARM.labels(self._books.group).set(False)

    @contextlib.asynccontextmanager
    async def _kafka(self) -> AsyncIterator[PacedConsumer]:
        settings = self._settings
        await create_missing(settings.kafka_bootstrap, self._topics)
        kafka = PacedConsumer(
            bootstrap_servers=settings.kafka_bootstrap,
            client_id=self._books.group,
            group_id=None if self._alone else self._books.group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 3,
            fetch_max_wait_ms=settings.fetch_wait_ms,
            quiet_wait_ms=settings.quiet_fetch_wait_ms,
            max_partition_fetch_bytes=FETCH_ALONE if self._alone else FETCH_SHARED,
        )
        try:
            await kafka.start()
            yield kafka
        finally:
            await close(kafka.stop)


@dataclass(frozen=True, slots=True)
class _Applying:
    """A share of a batch, and what applies it."""

    load: Load
    task: asyncio.Task[None]


async def _end(applying: Sequence[_Applying]) -> None:
    """Waits for each to its end, whatever becomes of the others, and raises what went wrong first."""
    for error in await asyncio.gather(*(each.task for each in applying), return_exceptions=True):
        if error is not None:
            raise error
