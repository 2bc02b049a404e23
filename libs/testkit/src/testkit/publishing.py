"""Put a history on Kafka, as the relays of its services would."""

from collections import defaultdict
from collections.abc import Sequence

from contracts import Received, open_envelope
from contracts.declaration import event_class
from messaging import MessagingSettings
from messaging.publisher import Publisher, Row
from messaging.topics import create_missing, partition_of


async def publish(envelopes: Sequence[bytes], settings: MessagingSettings) -> None:
    """Publishes sealed events (`history.envelopes`) in their order; makes the topics where they are missing."""
    rows = defaultdict[str, list[Row]](list)
    for envelope in envelopes:
        received = open_envelope(envelope)
        rows[event_class(received.type).topic].append(_row(envelope, received))
    await create_missing(settings.kafka_bootstrap, rows)
    async with Publisher(settings) as publisher:
        for topic, told in rows.items():
            await publisher.publish(topic, told)


def _row(envelope: bytes, received: Received) -> Row:
    return Row.of(
        {
            "partition": partition_of(received.root),
            "root": received.root,
            "recorded_at": received.recorded_at,
            "traceparent": received.traceparent,
            "envelope": envelope,
        }
    )
