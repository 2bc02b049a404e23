"""The tables of the event path: the owner's ledger and relay cursor, and a consumer's books.

They stand in schema `messaging` of each service's own database. A projector keeps its books in its
projection schema instead (`consumer_ddl`), so that a rebuild swaps them together with what they count.
"""

from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import UserDefinedType

SCHEMA = "messaging"
metadata = MetaData(schema=SCHEMA)


class Xid8(UserDefinedType[str]):
    """A transaction id that never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Snapshot(UserDefinedType[str]):
    """PostgreSQL's pg_snapshot: which transactions were visible at an instant."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "pg_snapshot"


def _instant(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **options)


ledger = Table(
    "ledger",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("topic", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("root", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    _instant("occurred_at", nullable=False),
    _instant("recorded_at", nullable=False),
    Column("traceparent", Text),
    Column("envelope", LargeBinary, nullable=False),
    UniqueConstraint("root", "sequence"),
)
Index("ledger_xid_id", ledger.c.xid, ledger.c.id)

relay_cursor = Table(
    "relay_cursor",
    metadata,
    Column("name", Text, primary_key=True),
    Column("prev", Snapshot, nullable=False),
    Column("upto", Snapshot, comment="the frozen window that is being published, if any"),
    Column("after_id", BigInteger, nullable=False, server_default=text("0")),
    Column("last_id", BigInteger, nullable=False, server_default=text("0")),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
)

source = Table(
    "source",
    metadata,
    Column("one", Boolean, CheckConstraint("one"), primary_key=True, server_default=text("true")),
    Column(
        "system_identifier", BigInteger, nullable=False, comment="of the cluster that xids are counted on"
    ),
    Column("epoch", BigInteger, nullable=False, server_default=text("1"), comment="one more a restore"),
)


def _consumer_tables(metadata: MetaData) -> tuple[Table, ...]:
    """A consumer's books: how far it has read, what it has applied of each root, what waits and why."""
    position = Table(
        "consumer_position",
        metadata,
        Column("consumer_group", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
        Column("end_offset", BigInteger, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        _instant("last_recorded_at"),
        _instant("last_occurred_at"),
        _instant("updated_at", nullable=False, server_default=func.now()),
        _instant("heard_at"),
        Column("alarm", Text, comment="why the partition stands still, if it does"),
        Column("mark", BigInteger, comment="of the last record that was read: the CRC-32 of its bytes"),
        _instant("resume_requested_at"),
    )
    root = Table(
        "consumer_root",
        metadata,
        Column("root", Text, primary_key=True),
        Column("consumer_group", Text, primary_key=True),
        Column("last_sequence", BigInteger, nullable=False),
        # a root's number moves with each batch: with room for it on the page no index is touched
        postgresql_with={"fillfactor": 70},
    )
    parked_root = Table(
        "parked_root",
        metadata,
        Column("consumer_group", Text, primary_key=True),
        Column("root", Text, primary_key=True),
        Column("reason", Text, nullable=False, comment="gap | failed | unreadable"),
        Column("detail", Text, nullable=False),
        _instant("since", nullable=False, server_default=func.now()),
        Column("tries", Integer, nullable=False, server_default=text("1")),
        _instant("retry_requested_at"),
        Column("about", Text, comment="the root whose facts the owner is asked to say again, if any"),
        Column("asked", Integer, nullable=False, server_default=text("0")),
        _instant("ask_at", nullable=False, server_default=func.now()),
    )
    Index("parked_root_ask_at", "consumer_group", "ask_at", postgresql_where=parked_root.c.about.is_not(None))
    retried = parked_root.c.retry_requested_at.is_not(None)
    Index("parked_root_retry", "consumer_group", "retry_requested_at", postgresql_where=retried)
    parked_event = Table(
        "parked_event",
        metadata,
        Column("consumer_group", Text, primary_key=True),
        Column("root", Text, primary_key=True),
        Column("sequence", BigInteger, primary_key=True),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
    )
    return position, root, parked_root, parked_event


_consumer_tables(metadata)


class Migration(Protocol):
    """What Alembic's `op` offers of itself here."""

    def get_bind(self) -> Connection: ...


def create_tables(op: Migration) -> None:
    """For a service's first migration: schema `messaging` with all its tables."""
    bind = op.get_bind()
    bind.execute(text(f"create schema if not exists {SCHEMA}"))
    metadata.create_all(bind)


def add_heard_at(op: Migration) -> None:
    """For the next migration of a service that has its tables from before `consumer_position.heard_at`."""
    op.get_bind().execute(
        text(f"alter table {SCHEMA}.consumer_position add column if not exists heard_at timestamptz")
    )


def add_source(op: Migration) -> None:
    """For the next migration of a service that has its tables from before `source`."""
    source.create(op.get_bind(), checkfirst=True)


def add_repairs(op: Migration) -> None:
    """For the next migration of a service that has its tables from before gaps were repaired by their owner."""
    for statement in _ADD_REPAIRS.split(";"):
        op.get_bind().execute(text(statement))


_ADD_REPAIRS = f"""
alter table {SCHEMA}.consumer_position
    add column if not exists mark bigint, add column if not exists resume_requested_at timestamptz;
alter table {SCHEMA}.parked_root
    add column if not exists about text, add column if not exists asked integer not null default 0,
    add column if not exists ask_at timestamptz not null default now();
update {SCHEMA}.parked_root set about = root where reason = 'gap';
create index if not exists parked_root_ask_at on {SCHEMA}.parked_root (consumer_group, ask_at) where about is not null;
create index if not exists parked_root_retry on {SCHEMA}.parked_root (consumer_group, retry_requested_at)
    where retry_requested_at is not null
"""


def _name(index: Index) -> str:
    return str(index.name)


def consumer_ddl() -> str:
    """The statements that create a consumer's tables in whatever schema comes first in the search path."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = _consumer_tables(MetaData())
    makings: list[CreateTable | CreateIndex] = [
        *(CreateTable(table) for table in tables),
        *(CreateIndex(index) for table in tables for index in sorted(table.indexes, key=_name)),
    ]
    return "".join(f"{making.compile(dialect=dialect)};\n" for making in makings)
