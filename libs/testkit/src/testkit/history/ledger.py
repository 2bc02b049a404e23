"""The base of a history: it numbers what is told, as the ledgers of the services do."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from contracts import Event, Received, open_envelope, root_of, seal
from testkit.history.moments import START, Moment, moment

_NAMESPACE = UUID("01979d2c-6d00-7a10-8a51-5f1c0c1d00ff")


class Ledger:
    """Seals each event with its root's next number. Ids follow from the order told, so a history repeats."""

    def __init__(self, start: Moment = START) -> None:
        self.events: list[Received] = []
        self.envelopes: list[bytes] = []
        self.start = moment(start)
        self._sequences: Counter[str] = Counter()
        self._ids: Counter[str] = Counter()

    def new_id(self, kind: str) -> UUID:
        """The next id of a kind of thing."""
        self._ids[kind] += 1
        return uuid5(_NAMESPACE, f"{kind} {self._ids[kind]}")

    def say(self, event: Event, at: Moment | None = None, *, by: str = "tester") -> Received:
        """Any event, at an instant (the history's start unless given)."""
        root, occurred_at = root_of(event), self.start if at is None else moment(at)
        self._sequences[root] += 1
        sequence = self._sequences[root]
        raw = seal(
            event,
            event_id=uuid5(_NAMESPACE, f"{root}@{sequence}"),
            occurred_at=occurred_at,
            recorded_at=self._recorded(occurred_at),
            sequence=sequence,
            by=by,
        )
        self.envelopes.append(raw)
        self.events.append(open_envelope(raw))
        return self.events[-1]

    def _recorded(self, occurred_at: datetime) -> datetime:
        return occurred_at + timedelta(seconds=1)
