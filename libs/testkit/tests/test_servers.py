"""The session's Kafka answers in its own protocol."""

from attain.parts.kafka import Kafka


def test_kafka_is_ready_when_the_fixture_gives_it(kafka: Kafka) -> None:
    assert kafka.is_ready()
