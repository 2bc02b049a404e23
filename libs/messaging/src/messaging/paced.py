"""A consumer that asks Kafka less often once it is quiet."""

import time
from typing import Any

from aiokafka import AIOKafkaConsumer

QUIET_AFTER = 1.0
"""Seconds without an event."""

LONG_SILENCE = 30.0
"""Seconds after which waits are twice as long once more."""

YOUNG_FOR = 30.0
"""Seconds for which a consumer is young."""

YOUNG_AGE_MS, KNOWN_AGE_MS = 2_000, 60_000
"""How old the metadata may be while a topic is unknown or the consumer young, and afterwards: what moves is noticed by
an error."""


class PacedConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """Reads its cluster's metadata every `YOUNG_AGE_MS` until it is no longer young and knows all topics that it reads,
    and then rarely. A group that joins while its broker does not know all of a new topic yet is assigned nothing of
    what is missing, without an error, until the metadata are read again: aiokafka would do that after five minutes. The
    same goes for a topic that is made anew.

    Lets Kafka hold a fetch that finds nothing for `fetch_max_wait_ms` while events come in, and for
    `quiet_wait_ms` once it is quiet; for twice as long once the silence has lasted for a while.

    Kafka answers a fetch that it holds as soon as anything comes, so that the first event after a silence is not held
    up. But a fetch is for the partitions that had nothing left to be read when it was sent: one whose reading takes
    longer than aiokafka waits for that (0.1 s) is not asked for again until that fetch is over. Waiting long would
    stall whoever catches up; who has heard nothing for a while has nothing to read.
    """

    def __init__(self, *, fetch_max_wait_ms: int, quiet_wait_ms: int, **settings: Any) -> None:
        super().__init__(fetch_max_wait_ms=fetch_max_wait_ms, metadata_max_age_ms=YOUNG_AGE_MS, **settings)
        self._busy_wait_ms, self._quiet_wait_ms = fetch_max_wait_ms, max(fetch_max_wait_ms, quiet_wait_ms)
        self._heard_at = self._born_at = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since something came, or since the start."""
        return time.monotonic() - self._heard_at

    @property
    def quiet(self) -> bool:
        """Whether nothing has come for a while."""
        return self.silence > QUIET_AFTER

    async def getmany(self, *partitions: Any, **settings: Any) -> dict[Any, list[Any]]:
        """As in aiokafka."""
        fetched: dict[Any, list[Any]] = await super().getmany(*partitions, **settings)
        if fetched:
            self._heard_at = time.monotonic()
        # Read for each fetch. The next one is sent once the loop gets its turn again, not before this line.
        self._fetcher._fetch_max_wait_ms = self._longest_wait_ms()
        self._let_metadata_age(KNOWN_AGE_MS if self._is_settled() else YOUNG_AGE_MS)
        return fetched

    def _let_metadata_age(self, milliseconds: int) -> None:
        before, self._client._metadata_max_age_ms = self._client._metadata_max_age_ms, milliseconds
        if milliseconds < before:  # the longer wait has begun already
            self._client.force_metadata_update()

    def _longest_wait_ms(self) -> int:
        if not self.quiet:
            return self._busy_wait_ms
        return self._quiet_wait_ms * (2 if self.silence > LONG_SILENCE else 1)

    def _is_settled(self) -> bool:
        if time.monotonic() - self._born_at < YOUNG_FOR:
            return False
        topics = self._client._topics
        return bool(topics) and all(map(self._client.cluster.partitions_for_topic, topics))
