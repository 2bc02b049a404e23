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

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Received(msgspec.Struct, frozen=True, dict=True):
    """An event as a reader holds it: the envelope's attributes, and the data, not yet read.

    `raw` are the bytes of the data, a JSON object: whoever passes it on pays nothing for reading it.
    """

    id: UUID
    type: str
    subject: str
    root: str = msgspec.field(name="partitionkey")
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
_OBJECT = ord("{")


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
    envelope = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"/{event.service}",
        "type": event.type,
        "subject": subject_of(event),
        "time": instant(occurred_at),
        "recordedtime": instant(recorded_at),
        "partitionkey": root_of(event),
        "sequence": f"{sequence:020d}",
        "authid": by,
        "datacontenttype": "application/json",
        "dataschema": f"{SCHEMA_NAMESPACE}:{event.type}",
        **({"traceparent": traceparent} if traceparent else {}),
        "data": event.model_dump(mode="json"),
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def open_envelope(raw: bytes) -> Received:
    """Reads the bytes of an event. Raises `ValueError` naming what is missing or malformed."""
    try:
        received = _open(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"not an event envelope: {error}") from error
    if not received.number.isdecimal():
        raise ValueError(f"not an event envelope: sequence {received.number!r} is no number")
    if memoryview(received.raw)[0] != _OBJECT:
        raise ValueError("not an event envelope: data is no object")
    return received


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`; an instant without a zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
