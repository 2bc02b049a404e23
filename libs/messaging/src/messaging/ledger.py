"""Recording facts: a root numbers them, and the transaction writes them all by one statement as it commits."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, event, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.base import DEFAULT_STATE_ATTR as STATE
from sqlmodel import Field, SQLModel

from contracts import Event, Received, open_envelope, root_of, seal
from contracts.declaration import subject_of
from messaging import bells
from messaging.identity import uuid7
from messaging.occurrence import occurrence
from messaging.tables import ledger
from messaging.tokens import together
from messaging.topics import partition_of
from messaging.tracing import current_traceparent

HISTORY_MOST = 1_000
ENVELOPE_MOST = 524_288
"""Bytes. Kafka refuses messages above 1 MiB, and a fact that it refuses would stop all that follow."""

COPIED_FROM = 100
"""Facts of a transaction, from which on they go by `COPY`: of an array the driver asks each element whether it is one.
`COPY` takes more round trips, for which fewer facts are too little.
"""


class FactTooLarge(ValueError):
    """An event carries more than an event should: documents and free text stay in the owner's rows."""


class Root(SQLModel):
    """What a table inherits whose row is a root: the thing that is locked and numbered."""

    sequence: int = Field(default=0, description="Number of the root's last fact")
    version: int = Field(default=0, description="Number of the last fact that changed this row: its ETag")
    last_occurred_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), description="When the root's last fact occurred"
    )

    def __setattr__(self, name: str, value: Any) -> None:
        # A row that is not kept yet is inserted as it stands: nobody asks what has changed in it, and to note that down
        # costs a batch a few µs a row.
        held = self.__dict__
        state = held.get(STATE)
        if state is not None and state.key is None and name in held:
            held[name] = value
        else:
            # SQLModel would also keep pydantic's books, which nobody reads of a row: they cost more than the change.
            object.__setattr__(self, name, value)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        raise NotImplementedError

    @property
    def latest(self) -> datetime:
        """When the root's last fact occurred, one at least having been recorded."""
        if self.last_occurred_at is None:
            raise ValueError("no fact is recorded yet")
        return self.last_occurred_at

    @property
    def token(self) -> str:
        """The consistency token: a report that is given it waits until it has heard all of the root's facts."""
        return f"{self.root}@{self.sequence}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that the running transaction has recorded."""

    id: UUID
    root: str
    sequence: int

    @property
    def token(self) -> str:
        """The consistency token: a report that is given it waits until it has heard this fact."""
        return f"{self.root}@{self.sequence}"


def record(
    session: AsyncSession,
    root: Root,
    fact: Event,
    *,
    by: str,
    at: datetime | None = None,
    changes_row: bool = True,
    may_backdate: bool = False,
) -> Fact:
    """Numbers a fact and keeps it for the commit.

    The root's row is locked by the caller (`select … for update`) or new; without the lock two transactions
    give the same number and the second fails at its commit. `at` is when it occurred (aware, default now);
    `changes_row=False` keeps the row's version, so that a logged call refuses nobody's edit. Raises the
    refusals of `occurrence`, and `FactTooLarge`; the root is unchanged then.
    """
    now = datetime.now(UTC)
    occurred_at = occurrence(at, now=now, last=root.last_occurred_at, may_backdate=may_backdate)
    savepoint = session.sync_session.get_nested_transaction()
    entry = Entry.of(fact, root.sequence + 1, occurred_at, now, by, savepoint)
    root.sequence, root.last_occurred_at = entry.sequence, occurred_at
    if changes_row:
        root.version = root.sequence
    session.sync_session.info.setdefault(_PENDING, []).append(entry)
    return Fact(entry.event_id, entry.root, entry.sequence)


def numbered(
    fact: Event,
    *,
    after: int,
    last: datetime | None,
    by: str,
    at: datetime | None = None,
    may_backdate: bool = False,
) -> "Entry":
    """The fact as its root's next, for whoever writes it by a statement of their own, which holds `INSERT_ONE`.

    The root was seen at the number `after`, its `last` fact having occurred then. The statement must write only where
    the root's row still stands at that number, and must lock the row before the fact is inserted. Raises the
    refusals of `occurrence`, and `FactTooLarge`.
    """
    now = datetime.now(UTC)
    occurred_at = occurrence(at, now=now, last=last, may_backdate=may_backdate)
    return Entry.of(fact, after + 1, occurred_at, now, by)


def announce(topic: str, session: AsyncSession | None = None) -> None:
    """Wakes the relay of this process for a fact that `INSERT_ONE` wrote: at once, or when the session commits."""
    if session is None:
        bells.ring(topic)
    else:
        session.sync_session.info.setdefault(_COMMITTED, set()).add(topic)


def stated(session: AsyncSession) -> str | None:
    """The consistency token of all facts that the running transaction has recorded; None where it has none."""
    entries: list[Entry] = session.sync_session.info.get(_PENDING, [])
    return together(f"{entry.root}@{entry.sequence}" for entry in entries)


async def history(session: AsyncSession, root: str, *, after: int = 0, limit: int = 100) -> list[Received]:
    """A root's facts in the order of their numbers, from the one after `after`; at most 1,000."""
    rows = await session.scalars(
        select(ledger.c.envelope)
        .where(ledger.c.root == root, ledger.c.sequence > after)
        .order_by(ledger.c.sequence)
        .limit(min(limit, HISTORY_MOST))
    )
    return [open_envelope(envelope) for envelope in rows]


_PENDING = "messaging.pending"
_COMMITTED = "messaging.committed"


class Entry(NamedTuple):
    """A row of the ledger, and the savepoint in which it was recorded and waits for the commit."""

    topic: str
    partition: int
    root: str
    sequence: int
    event_id: UUID
    type: str
    subject: str
    occurred_at: datetime
    recorded_at: datetime
    traceparent: str | None
    envelope: bytes
    savepoint: SessionTransaction | None = None

    @classmethod
    def of(
        cls,
        fact: Event,
        sequence: int,
        occurred_at: datetime,
        recorded_at: datetime,
        by: str,
        savepoint: SessionTransaction | None = None,
    ) -> "Entry":
        """The row of a fact. Raises `FactTooLarge`."""
        event_id, root, traceparent = uuid7(), root_of(fact), current_traceparent()
        subject = root if fact.subject_field == fact.root_field else subject_of(fact)
        envelope = seal(
            fact,
            event_id=event_id,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            sequence=sequence,
            by=by,
            traceparent=traceparent,
        )
        if len(envelope) > ENVELOPE_MOST:
            raise FactTooLarge(
                f"{fact.type} of {root} has {len(envelope)} bytes; {ENVELOPE_MOST} are allowed"
            )
        return cls(
            fact.topic,
            partition_of(root),
            root,
            sequence,
            event_id,
            fact.type,
            subject,
            occurred_at,
            recorded_at,
            traceparent,
            envelope,
            savepoint,
        )

    @property
    def token(self) -> str:
        """The consistency token: a report that is given it waits until it has heard this fact."""
        return f"{self.root}@{self.sequence}"

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of `INSERT_ONE`."""
        return dict(zip(_PARAMETERS, self, strict=False))

    def within(self, transaction: SessionTransaction) -> bool:
        """Whether the savepoint's end is the end of this entry."""
        scope = self.savepoint
        while scope is not None and scope is not transaction:
            scope = scope.parent
        return scope is transaction


_COLUMNS = {
    "topic": "text",
    "partition": "smallint",
    "root": "text",
    "sequence": "bigint",
    "event_id": "uuid",
    "type": "text",
    "subject": "text",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "traceparent": "text",
    "envelope": "bytea",
}
_PARAMETERS = [f"fact_{name}" for name in _COLUMNS]
_NAMES = ", ".join(_COLUMNS)
_WRITE = text(
    f"insert into {ledger.fullname} ({_NAMES}) select {_NAMES} from unnest("
    + ", ".join(f"cast(:{name} as {type_}[])" for name, type_ in _COLUMNS.items())
    + f") with ordinality as fact({_NAMES}, ordinality) order by ordinality"
)
"""One statement for the few facts of a transaction; the order gives the ids the order of recording."""

INSERT_ONE = f"insert into {ledger.fullname} ({_NAMES}) select " + ", ".join(
    f":{name}::{type_}" for name, type_ in zip(_PARAMETERS, _COLUMNS.values(), strict=True)
)
"""For a statement with named parameters: inserts an `Entry` as often as the `from` that comes after it has rows."""


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint's release; its facts wait for the commit
    if entries := session.info.pop(_PENDING, None):
        if len(entries) < COPIED_FROM or not _copy(session, entries):
            session.execute(_WRITE, dict(zip(_COLUMNS, zip(*entries, strict=True), strict=False)))
        session.info.setdefault(_COMMITTED, set()).update(entry.topic for entry in entries)


def _copy(session: Session, entries: list[Entry]) -> bool:
    """Writes the facts by `COPY`, in the order of recording. False, and nothing is written, where the transaction has
    sent no statement yet: SQLAlchemy begins it with the first, and would not notice this one.
    """
    adapted: Any = session.connection().connection.dbapi_connection
    if not adapted.driver_connection.is_in_transaction():
        return False
    columns = list(_COLUMNS)
    adapted.run_async(
        lambda connection: connection.copy_records_to_table(
            ledger.name,
            schema_name=ledger.schema,
            columns=columns,
            records=[entry[: len(columns)] for entry in entries],
        )
    )
    return True


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    if not session.in_nested_transaction():
        for topic in session.info.pop(_COMMITTED, ()):
            bells.ring(topic)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    """A savepoint that is rolled back takes with it what was recorded inside, and nothing else."""
    if ended.nested and (entries := session.info.get(_PENDING)):
        session.info[_PENDING] = [entry for entry in entries if not entry.within(ended)]


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_PENDING, None)
        session.info.pop(_COMMITTED, None)
