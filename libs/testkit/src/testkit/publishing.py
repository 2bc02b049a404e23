"""Put a history on Kafka, as the relays of its services would."""

from collections.abc import Sequence

from contracts import open_envelope
from contracts.declaration import event_class
from messaging import MessagingSettings
from messaging.publisher import Publisher
from messaging.topics import create_missing, partition_of


async def publish(envelopes: Sequence[bytes], settings: MessagingSettings) -> None:
    """Publishes sealed events (`history.envelopes`) in their order; makes the topics where they are missing."""
    rows = [_row(envelope) for envelope in envelopes]
    await create_missing(settings.kafka_bootstrap, {str(row["topic"]) for row in rows})
    publisher = Publisher(settings)
    try:
        await publisher.publish(rows)
    finally:
        await publisher.close()


def _row(envelope: bytes) -> dict[str, object]:
    received = open_envelope(envelope)
    return {
        "topic": event_class(received.type).topic,
        "partition": partition_of(received.root),
        "root": received.root,
        "recorded_at": received.recorded_at,
        "traceparent": received.traceparent,
        "envelope": envelope,
    }
