"""The envelope: CloudEvents 1.0, structured JSON. Its bytes are made once and are the same everywhere."""

import json
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID

import msgspec

from contracts.declaration import Event, event_class, root_of, subject_of

CONTENT_TYPE = "application/cloudevents+json"
SCHEMA_NAMESPACE = "urn:attain:schema"
ROOT_MOST = 600
"""Characters of a root's name: an index of PostgreSQL takes 2,700 bytes."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=ROOT_MOST)]


class Received(msgspec.Struct, frozen=True, dict=True):
    """An event as a reader holds it: the envelope's attributes, and the data, not yet read.

    `raw` are the bytes of the data, a JSON object: whoever passes it on pays nothing for reading it.
    """

    id: UUID
    type: str
    subject: str
    root: Name = msgspec.field(name="partitionkey")
    number: str = msgspec.field(name="sequence")
    occurred_at: Instant = msgspec.field(name="time")
    recorded_at: Instant = msgspec.field(name="recordedtime")
    by: str = msgspec.field(name="authid")
    raw: msgspec.Raw = msgspec.field(name="data")
    traceparent: str | None = None

    @cached_property
    def sequence(self) -> int:
        """The root's number."""
        return int(self.number)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The data as plain values, not yet typed."""
        data: dict[str, Any] = json.loads(bytes(self.raw))
        return data

    def event(self) -> Event:
        """The typed event; open for readers: fields that this program does not know are passed over.

        Raises `UnknownEventType`, or pydantic's `ValidationError` when the data break the declaration.
        """
        return event_class(self.type).model_validate(self.data, extra="ignore")


_open = msgspec.json.Decoder(Received).decode
_write = msgspec.json.Encoder().encode
_OBJECT = ord("{")
_BIGINT = 2**63
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""Between them an instant of any zone has a date in UTC."""


def seal(
    event: Event,
    *,
    event_id: UUID,
    occurred_at: datetime,
    recorded_at: datetime,
    sequence: int,
    by: str,
    traceparent: str | None = None,
) -> bytes:
    """The bytes of an event: stored in the ledger, sent to Kafka, webhooks and feeds unchanged.

    `sequence` is the root's number as 20 digits, because the CloudEvents extension demands a sortable string.
    """
    trace = f',"traceparent":{_text(traceparent)}' if traceparent else ""
    root = _text(root_of(event))
    subject = root if event.subject_field == event.root_field else _text(subject_of(event))
    occurred = instant(occurred_at)
    recorded = occurred if recorded_at is occurred_at else instant(recorded_at)
    # Written out rather than dumped: a batch seals a thousand, and the data are text already.
    head = (
        f'{{"specversion":"1.0","id":"{event_id}","source":"/{event.service}","type":"{event.type}",'
        f'"subject":{subject},"time":"{occurred}",'
        f'"recordedtime":"{recorded}","partitionkey":{root},'
        f'"sequence":"{sequence:020d}","authid":{_text(by)},"datacontenttype":"application/json",'
        f'"dataschema":"{SCHEMA_NAMESPACE}:{event.type}"{trace},"data":'
    )
    return f"{head}{event.model_dump_json()}}}".encode()


def open_envelope(raw: bytes) -> Received:
    """Reads the bytes of an event. Raises `ValueError` naming what is missing, malformed, or what a reader could not
    write into its books: one such event shall stop nobody."""
    try:
        received = _open(raw)
        if b"\\u0000" in raw and "\0" in received.root + received.type:
            raise ValueError("a name holds a NUL")
        if not received.number.isdecimal() or not 0 < received.sequence < _BIGINT:
            raise ValueError(f"sequence {received.number[:30]!r} is no number of a fact")
        if not (_FIRST < received.occurred_at < _LAST and _FIRST < received.recorded_at < _LAST):
            raise ValueError("an instant that is not in UTC's calendar")
        if memoryview(received.raw)[0] != _OBJECT:
            raise ValueError("data is no object")
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"not an event envelope: {error}") from error
    return received


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`; an instant without a zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat().replace("+00:00", "Z")


def _text(value: str) -> str:
    return _write(value).decode()
