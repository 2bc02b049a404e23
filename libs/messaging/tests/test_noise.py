"""What aiokafka mends by itself is not logged as an error."""

import logging

import pytest

import messaging.consumer  # noqa: F401 (importing it sets the filter)


@pytest.mark.parametrize(
    ("logger", "message", "level"),
    [
        ("consumer.group_coordinator", "failed: [Error 15] GroupCoordinatorNotAvailableError", logging.INFO),
        ("consumer.group_coordinator", "Heartbeat failed: something else", logging.ERROR),
        ("cluster", "Topic attain-targets not found in cluster metadata", logging.INFO),
    ],
)
def test_only_what_is_asked_again_is_no_error(
    logger: str, message: str, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger(f"aiokafka.{logger}").error(message)
    assert [record.levelno for record in caplog.records] == [level]
