"""The envelope: CloudEvents 1.0, structured JSON. Its bytes are made once and are the same everywhere."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.declaration import Event, event_class, root_of, subject_of

CONTENT_TYPE = "application/cloudevents+json"
SCHEMA_NAMESPACE = "urn:attain:schema"


@dataclass(frozen=True, slots=True)
class Received:
    """An event as a reader holds it: the envelope's attributes and the data, not yet typed."""

    id: UUID
    type: str
    subject: str
    root: str
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    by: str
    traceparent: str | None
    data: dict[str, Any]

    def event(self) -> Event:
        """The typed event; open for readers: fields that this program does not know are passed over.

        Raises `UnknownEventType`, or pydantic's `ValidationError` when the data break the declaration.
        """
        return event_class(self.type).model_validate(self.data, extra="ignore")


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
        envelope = json.loads(raw)
        return Received(
            id=UUID(envelope["id"]),
            type=envelope["type"],
            subject=envelope["subject"],
            root=envelope["partitionkey"],
            sequence=int(envelope["sequence"]),
            occurred_at=datetime.fromisoformat(envelope["time"]),
            recorded_at=datetime.fromisoformat(envelope["recordedtime"]),
            by=envelope["authid"],
            traceparent=envelope.get("traceparent"),
            data=envelope["data"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not an event envelope: {error!r}") from error


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`; an instant without a zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
