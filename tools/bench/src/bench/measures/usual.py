"""What one would write otherwise: a handler that is called for each event, with a transaction of its own, and keeps
what reporting's projections keep of an opportunity: its events, how it stands and stood, its visits of stages, facts
of metrics and their sums, and how far it has read.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import Field, SQLModel, select

from bench.rounds import per_second
from testkit import Database

_metadata = MetaData()
_INSTANT = DateTime(timezone=True)

_STATES = {
    "opportunities.opportunity.reopened.v1": "open",
    "opportunities.opportunity.won.v1": "won",
    "opportunities.opportunity.lost.v1": "lost",
    "opportunities.opportunity.voided.v1": "void",
}
_METRICS = {
    "opportunities.opportunity.opened.v1": ("opportunities_opened",),
    "opportunities.opportunity.won.v1": ("won_count", "sales_amount"),
    "opportunities.opportunity.lost.v1": ("opportunities_lost",),
    "opportunities.receipt.recorded.v1": ("collected_amount",),
    "opportunities.interaction.logged.v1": ("interactions",),
}
_MONEY = {"sales_amount": "amount", "collected_amount": "received_amount"}


class Heard(SQLModel, table=True):
    """An event as it was said."""

    metadata = _metadata
    root: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    id: UUID
    type: str
    occurred_at: datetime = Field(sa_type=_INSTANT)
    data: dict[str, Any] = Field(sa_type=JSONB)


class Standing(SQLModel, table=True):
    """An opportunity as it stands."""

    metadata = _metadata
    id: UUID = Field(primary_key=True)
    since: datetime = Field(sa_type=_INSTANT)
    state: str
    stage: str
    owner_id: UUID = Field(index=True)
    customer_id: UUID | None = Field(index=True)
    amount: Decimal | None = None
    currency: str
    expected_close_on: date | None = None
    visits: int = 0
    sequence: int = 0


class Stood(SQLModel, table=True):
    """How it stood before."""

    metadata = _metadata
    opportunity_id: UUID = Field(primary_key=True)
    since: datetime = Field(primary_key=True, sa_type=_INSTANT)
    until: datetime = Field(index=True, sa_type=_INSTANT)
    state: str
    stage: str
    owner_id: UUID
    amount: Decimal | None = None


class Visit(SQLModel, table=True):
    """A stay in a stage."""

    metadata = _metadata
    opportunity_id: UUID = Field(primary_key=True)
    visit: int = Field(primary_key=True)
    stage: str
    entered_at: datetime = Field(index=True, sa_type=_INSTANT)
    left_at: datetime | None = Field(default=None, index=True, sa_type=_INSTANT)


class Fact(SQLModel, table=True):
    """What counts for a metric."""

    metadata = _metadata
    root: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    person_id: UUID
    day: date = Field(index=True)
    value: Decimal


class Total(SQLModel, table=True):
    """A person's sum of a metric on a day."""

    metadata = _metadata
    person_id: UUID = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    sum: Decimal = Decimal()
    count: int = 0


class Position(SQLModel, table=True):
    """How far a partition was read."""

    metadata = _metadata
    partition: int = Field(primary_key=True)
    next_offset: int


async def handle_each(database: Database, records: Sequence[Any]) -> float:
    """Events/s of the handler."""
    engine = create_async_engine(database.url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_metadata.drop_all)
            await connection.run_sync(_metadata.create_all)

        async def all_of_them() -> None:
            for record in records:
                async with AsyncSession(engine) as session, session.begin():
                    await session.merge(Position(partition=record.partition, next_offset=record.offset + 1))
                    await _handle(session, json.loads(record.value))

        return await per_second(len(records), all_of_them)
    finally:
        await engine.dispose()


async def _handle(session: AsyncSession, event: dict[str, Any]) -> None:
    data, root, sequence = event["data"], UUID(event["partitionkey"]), int(event["sequence"])
    at = datetime.fromisoformat(event["time"])
    standing = await session.get(Standing, root, with_for_update=True)
    if standing is not None and sequence <= standing.sequence:
        return
    heard = Heard(
        root=root, sequence=sequence, id=UUID(event["id"]), type=event["type"], occurred_at=at, data=data
    )
    session.add(heard)
    await _tell(session, standing, heard)
    for metric in _METRICS.get(event["type"], ()):
        await _count(session, metric, heard)


async def _tell(session: AsyncSession, standing: Standing | None, heard: Heard) -> None:
    said = {
        "state": _STATES.get(heard.type, standing.state if standing else "open"),
        "stage": heard.data["stage"],
        "owner_id": UUID(heard.data["owner_id"]),
        "amount": Decimal(heard.data["amount"]) if heard.data["amount"] else None,
    }
    if standing is None:
        standing = Standing(
            id=heard.root,
            since=heard.occurred_at,
            customer_id=UUID(heard.data["customer_id"]) if heard.data["customer_id"] else None,
            currency=heard.data["currency"],
            **said,
        )
        session.add(standing)
        await _enter(session, standing, heard)
    elif any(getattr(standing, name) != value for name, value in said.items()):
        stood = {name: getattr(standing, name) for name in said}
        session.add(Stood(opportunity_id=heard.root, since=standing.since, until=heard.occurred_at, **stood))
        standing.since = heard.occurred_at
        for name, value in said.items():
            setattr(standing, name, value)
        if (stood["state"], stood["stage"]) != (standing.state, standing.stage):
            await _enter(session, standing, heard)
    standing.sequence = heard.sequence


async def _enter(session: AsyncSession, standing: Standing, heard: Heard) -> None:
    if standing.visits and (visit := await session.get(Visit, (heard.root, standing.visits))):
        visit.left_at = heard.occurred_at
    if standing.state == "open":
        standing.visits += 1
        session.add(
            Visit(
                opportunity_id=heard.root,
                visit=standing.visits,
                stage=standing.stage,
                entered_at=heard.occurred_at,
            )
        )


async def _count(session: AsyncSession, metric: str, heard: Heard) -> None:
    value = Decimal(heard.data[_MONEY[metric]]) if metric in _MONEY else Decimal(1)
    day = heard.occurred_at.date()
    person = UUID(heard.data["owner_id"])
    session.add(
        Fact(root=heard.root, sequence=heard.sequence, metric=metric, person_id=person, day=day, value=value)
    )
    key = {"person_id": person, "metric": metric, "day": day, "currency": heard.data["currency"]}
    total = (await session.scalars(select(Total).filter_by(**key).with_for_update())).one_or_none()
    if total is None:
        total = Total(**key)
        session.add(total)
    total.sum, total.count = total.sum + value, total.count + 1
