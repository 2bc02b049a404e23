"""What aiokafka calls an error although it mends it by itself: an operator who looks for the last error shall not
find it.
"""

import logging

MENDED = {
    "aiokafka.consumer.group_coordinator": "[Error 15]",  # a group of a new broker has no coordinator for a moment
    "aiokafka.consumer.fetcher": "NotLeaderForPartitionError",  # a partition that was made a moment ago
    "aiokafka.cluster": "not found in cluster metadata",  # a topic that was made a moment ago
}


class _NoError(logging.Filter):
    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno == logging.ERROR and self._words in record.getMessage():
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        return True


def quieten() -> None:
    """Logs what is mended as information."""
    for logger, words in MENDED.items():
        logging.getLogger(logger).addFilter(_NoError(words))
