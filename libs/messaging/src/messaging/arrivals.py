"""What came from Kafka: events with the place where they lay, and records that are no events."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from contracts import Received, open_envelope
from contracts.envelope import ROOT_MOST
from messaging.faults import storable


class Record(Protocol):
    """The part of a Kafka record that counts here."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Arrival(msgspec.Struct, frozen=True):
    """An event and where it lay. `envelope` are its bytes, kept for parking."""

    topic: str
    partition: int
    offset: int
    envelope: bytes
    received: Received

    @property
    def root(self) -> str:
        return self.received.root

    @property
    def sequence(self) -> int:
        return self.received.sequence


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no event. `about` is the root that its key names, if any."""

    topic: str
    partition: int
    offset: int
    envelope: bytes
    detail: str
    about: str | None = None

    @property
    def root(self) -> str:
        """What is parked: the root, as if a fact of it were missing, or else the record by itself."""
        return self.about or f"{self.topic}/{self.partition}/{self.offset}"


def read(records: Iterable[Record]) -> tuple[list[Arrival], list[Unreadable]]:
    """Opens the envelopes of records, in their order."""
    arrivals: list[Arrival] = []
    unreadable: list[Unreadable] = []
    for record in records:
        place, envelope = (record.topic, record.partition, record.offset), record.value or b""
        try:
            arrivals.append(Arrival(*place, envelope, open_envelope(envelope)))
        except ValueError as error:
            unreadable.append(Unreadable(*place, envelope, storable(str(error)), _named(record.key)))
    return arrivals, unreadable


def _named(key: bytes | None) -> str | None:
    """The root that a record's key names."""
    try:
        return key.decode() if key and len(key) <= ROOT_MOST and b"\0" not in key else None
    except UnicodeDecodeError:
        return None
