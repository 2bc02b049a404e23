"""What aiokafka mends by itself is not logged as an error."""

import logging

import pytest

import messaging.consumer  # noqa: F401 (importing it sets the filter)


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("Group Coordinator Request failed: [Error 15] GroupCoordinatorNotAvailableError", logging.INFO),
        ("Heartbeat failed: something else", logging.ERROR),
    ],
)
def test_only_a_missing_coordinator_is_no_error(
    message: str, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("aiokafka.consumer.group_coordinator").error(message)
    assert [record.levelno for record in caplog.records] == [level]
