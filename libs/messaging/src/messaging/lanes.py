"""The partitions that Kafka has assigned to this process, and the right to move each (its epoch)."""

import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError

from messaging.absorbing import Load
from messaging.arrivals import Arrival, read
from messaging.books import Claim, Look, Progress
from messaging.topics import Place

log = structlog.get_logger("messaging")


class LogEndsElsewhere(Exception):
    """Kafka's log does not hold what we have read: it was cut, or made anew."""

    def __init__(self, place: Place, lacks: str) -> None:
        super().__init__(
            f"{place.topic}-{place.partition} does not hold {lacks}: the log was cut or made anew; publish the "
            "owner's ledger again (`attain replay`), then have the topic read from its beginning (`attain reread`)"
        )
        self.place = place


@dataclass(slots=True)
class Lane:
    """A claimed partition: `read_to` runs ahead of `done_to` while a batch is being applied.

    `mark` is what the record before our offset should be. It is read once more after a claim: a log that was cut and
    has grown again, or that was made anew, would otherwise be read on in the middle.
    """

    epoch: int
    read_to: int
    done_to: int
    mark: int | None = None

    @classmethod
    def of(cls, claim: Claim) -> "Lane":
        """A partition that is read on where a claim says."""
        first = claim.next_offset - (claim.mark is not None)
        return cls(claim.epoch, first, claim.next_offset, claim.mark)


class Lanes(ConsumerRebalanceListener):  # type: ignore[misc]  # a library without types
    """What is assigned, what of it is claimed, and what may be read next.

    The offset that counts stands in our books, not in Kafka. aiokafka starts to fetch from its own idea of
    the offset before anybody can tell it ours, so a batch that does not begin at our next offset is dropped
    and the seek repeated.
    """

    def __init__(
        self,
        kafka: AIOKafkaConsumer,
        quiesce: Callable[[], Awaitable[None]],
        until: Mapping[Place, int] | None = None,
    ) -> None:
        self._kafka, self._quiesce, self._until = kafka, quiesce, until
        self._assigned: frozenset[Place] = frozenset()
        self._lanes: dict[Place, Lane] = {}

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """The batch in hand is finished before another process takes over; the epoch holds if it is not."""
        await self._quiesce()
        self._assigned = frozenset()
        self._lanes.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Only notes the partitions: the consumer's loop claims them, where a failure is dealt with."""
        self._assigned = frozenset(Place(*partition) for partition in assigned)
        self._lanes.clear()

    @property
    def claimed(self) -> frozenset[Place]:
        return frozenset(self._lanes)

    @property
    def unclaimed(self) -> frozenset[Place]:
        return self._assigned - self._lanes.keys()

    @property
    def at_end(self) -> bool:
        """Whether all that Kafka has was read."""
        ends = self.ends()
        return all(place in ends and lane.read_to >= ends[place] for place, lane in self._lanes.items())

    @property
    def bounded(self) -> bool:
        """Whether there are bounds."""
        return self._until is not None

    @property
    def read_out(self) -> bool:
        """Whether there are bounds, and everything before them was read."""
        return self._beyond(lambda lane: lane.read_to)

    @property
    def finished(self) -> bool:
        """Whether there are bounds, and everything before them is done."""
        return self._beyond(lambda lane: lane.done_to)

    def _beyond(self, stands: Callable[[Lane], int]) -> bool:
        if self._until is None or self.unclaimed:
            return False
        return all(stands(lane) >= self._until[place] for place, lane in self._lanes.items())

    def begin(self, claims: Mapping[Place, Claim]) -> None:
        """Reads on from what the books say. Claims of what was taken away meanwhile are passed over."""
        for place, claim in claims.items():
            if place in self._assigned:
                self._lanes[place] = Lane.of(claim)
                self._seek(place)
                if self._until is not None and claim.next_offset < self._until[place]:
                    self._kafka.resume(TopicPartition(*place))  # we may have read on, and lost what we read

    def release(self) -> None:
        """Forgets all claims, so that they are made anew and reading starts at the books again."""
        self._lanes.clear()

    def expects(self, place: Place, offset: int) -> bool:
        """Whether this offset is the one that would be read next."""
        return place in self._lanes and self._lanes[place].read_to == offset

    def epochs(self, places: Iterable[Place]) -> dict[Place, int]:
        return {place: self._lanes[place].epoch for place in places}

    def accept(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> Load | None:
        """The batch in what was fetched, without what does not follow on what was read before.

        Raises `LogEndsElsewhere` when the log is not the one that was read before.
        """
        records: list[Any] = []
        marks: dict[Place, int] = {}
        for partition, run in fetched.items():
            place = Place(*partition)
            if place not in self._lanes:
                continue
            if not self.expects(place, run[0].offset):
                log.info("misplaced batch dropped", place=place, offset=run[0].offset)
                self._seek(place)
                continue
            if run := self._within(place, self._recognise(place, run)):
                self._lanes[place].read_to = run[-1].offset + 1
                records.extend(run)
                marks[place] = _mark(run[-1])
        return self._load(records, marks) if marks else None

    def _recognise(self, place: Place, run: Sequence[Any]) -> Sequence[Any]:
        """Without the record that we have read already and that shows us the log to be the same."""
        lane = self._lanes[place]
        if lane.mark is None:
            return run
        if _mark(run[0]) != lane.mark:
            raise LogEndsElsewhere(place, f"at offset {lane.read_to} what was read there")
        lane.mark, lane.read_to = None, lane.read_to + 1
        return run[1:]

    def _within(self, place: Place, run: Sequence[Any]) -> Sequence[Any]:
        """What lies before the partition's bound, where it has one; behind it nothing is fetched."""
        if not run or self._until is None or run[-1].offset + 1 < self._until[place]:
            return run
        self._kafka.pause(TopicPartition(*place))
        return [record for record in run if record.offset < self._until[place]]

    def _load(self, records: list[Any], marks: Mapping[Place, int]) -> Load:
        arrivals, unreadable = read(records)
        latest: dict[Place, Arrival] = {Place(each.topic, each.partition): each for each in arrivals}
        progress = {
            place: Progress(
                self._lanes[place].read_to,
                self._kafka.highwater(TopicPartition(*place)) or 0,
                latest[place].received.recorded_at if place in latest else None,
                latest[place].received.occurred_at if place in latest else None,
                mark,
            )
            for place, mark in marks.items()
        }
        return Load(self.epochs(marks), arrivals, unreadable, progress)

    def done(self, load: Load) -> None:
        """Notes what was committed."""
        for place, progress in load.progress.items():
            if place in self._lanes:
                self._lanes[place].done_to = progress.next_offset

    def hints(self) -> dict[TopicPartition, int]:
        """How far each partition is done, for Kafka's lag tools."""
        return {TopicPartition(*place): lane.done_to for place, lane in self._lanes.items()}

    def ends(self) -> dict[Place, int]:
        """How far each partition's log goes, as far as it is known."""
        ends = {place: self._kafka.highwater(TopicPartition(*place)) for place in self._lanes}
        return {place: end for place, end in ends.items() if end is not None}

    def behind(self) -> dict[str, int]:
        """How many records of each topic lie on Kafka and are not done yet, as far as it is known."""
        behind: Counter[str] = Counter()
        for place, end in self.ends().items():
            behind[place.topic] += end - self._lanes[place].done_to
        return behind

    def looks(self) -> dict[Place, Look]:
        """How far each partition's log goes, with when Kafka last said so: while Kafka is away the end stays known."""
        ends = self.ends()
        looked = {place: self._kafka.last_poll_timestamp(TopicPartition(*place)) for place in ends}
        return {
            place: Look(end, datetime.fromtimestamp(at / 1000, UTC))
            for place, end in ends.items()
            if (at := looked[place]) is not None
        }

    def _seek(self, place: Place) -> None:
        try:
            self._kafka.seek(TopicPartition(*place), self._lanes[place].read_to)
        except IllegalStateError:
            self._lanes.pop(place)  # taken away by a rebalance that our listener has not heard of yet


def _mark(record: Any) -> int:
    return zlib.crc32(record.value or b"")
