"""The tables that runtime keeps in every service's database, in a schema of its own."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    delete,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

metadata = MetaData(schema="runtime")

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("idempotency_created_at", "created_at"),
)


class Migration(Protocol):
    """What Alembic's `op` offers of itself here."""

    def get_bind(self) -> Connection: ...


def create_tables(op: Migration) -> None:
    """Creates schema and tables; called by the first migration of every service (`runtime.create_tables(op)`)."""
    bind = op.get_bind()
    bind.execute(text("create schema if not exists runtime"))
    metadata.create_all(bind)


FORGOTTEN_AT_ONCE = 50_000


async def forget_answers(session: AsyncSession, before: datetime) -> bool:
    """Deletes the oldest of the stored answers whose keys are older than `before`; whether more may be left."""
    oldest = (
        select(idempotency.c.principal, idempotency.c.key)
        .where(idempotency.c.created_at < before)
        .order_by(idempotency.c.created_at)
        .limit(FORGOTTEN_AT_ONCE)
    )
    key = tuple_(idempotency.c.principal, idempotency.c.key)
    gone = await session.scalars(delete(idempotency).where(key.in_(oldest)).returning(idempotency.c.status))
    return len(gone.all()) == FORGOTTEN_AT_ONCE
