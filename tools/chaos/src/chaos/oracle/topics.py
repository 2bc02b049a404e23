"""In each topic each root's numbers are 1 to n, complete and in order; repeats are allowed."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from chaos.oracle.ledgers import Row
from messaging.topics import PARTITIONS

_QUIET_MS = 500


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a topic."""

    topic: str
    partition: int
    offset: int
    value: bytes


async def read_topics(bootstrap: str, services: Collection[str]) -> list[Record]:
    """All records, each partition's in their order."""
    kafka = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await kafka.start()
    try:
        places = [
            TopicPartition(f"attain-{service}", number)
            for service in sorted(services)
            for number in range(PARTITIONS)
        ]
        kafka.assign(places)
        ends = await kafka.end_offsets(places)
        await kafka.seek_to_beginning(*places)
        records: list[Record] = []
        while any([await kafka.position(place) < end for place, end in ends.items()]):
            for run in (await kafka.getmany(timeout_ms=_QUIET_MS)).values():
                records += [
                    Record(each.topic, each.partition, each.offset, each.value or b"") for each in run
                ]
        return records
    finally:
        await kafka.stop()


def check_topics(
    records: Iterable[Record],
    rows: Iterable[Row],
    *,
    dropped: Mapping[str, int] | None = None,
    unreadable: int = 0,
) -> Iterator[str]:
    """What is missing, out of order, in the wrong partition or different from the ledger. So many `unreadable` records
    were put there by the harness; of a `dropped` record (root and number) the repair may come late.
    """
    stated = {(row.root, row.sequence): row for row in rows}
    said: dict[tuple[str, str], list[int]] = defaultdict(list)
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    broken = 0
    for record in records:
        root, number = _read(record)
        if root is None:
            broken += 1
        else:
            said[record.topic, root].append(number)
            places[record.topic, root].add(record.partition)
            row = stated.get((root, number))
            if row is None or f"attain-{row.service}" != record.topic:
                yield f"{_place(record)} has {root}@{number}, which no ledger has"
            elif row.envelope != record.value:
                yield f"{_place(record)} has other bytes than the ledger for {root}@{number}"
    if broken != unreadable:
        yield f"{broken} records are no events; {unreadable} were put there"
    late = dropped or {}
    for (topic, root), numbers in said.items():
        if len(places[topic, root]) > 1:
            yield f"{topic} has {root} in the partitions {sorted(places[topic, root])}"
        yield from _check_numbers(topic, root, numbers, late.get(root))
    for root, number in stated.keys() - {(root, n) for (_, root), ns in said.items() for n in ns}:
        yield f"{root}@{number} is in the ledger and on no topic"


def _check_numbers(topic: str, root: str, numbers: list[int], dropped: int | None) -> Iterator[str]:
    highest = 0
    for number in numbers:
        if number > highest + 1 and (dropped is None or highest + 1 != dropped):
            yield f"{topic}: {root} goes from {highest} to {number}"
            return
        highest = max(highest, number)
    if missing := set(range(1, highest + 1)) - set(numbers):
        yield f"{topic}: {root} lacks {sorted(missing)[:5]}"


def _read(record: Record) -> tuple[str | None, int]:
    try:
        said = json.loads(record.value)
        return str(said["partitionkey"]), int(said["sequence"])
    except (ValueError, KeyError, TypeError):
        return None, 0


def _place(record: Record) -> str:
    return f"{record.topic}-{record.partition}@{record.offset}"
