"""What one would write otherwise: a handler that is called for each event, with a transaction of its own."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import Field, SQLModel, select

from bench.rounds import per_second
from testkit import Database

_metadata = MetaData()


class Standing(SQLModel, table=True):
    """An opportunity as it stands."""

    metadata = _metadata
    id: UUID = Field(primary_key=True)
    stage: str
    owner_id: UUID
    amount: Decimal | None = None
    sequence: int


class Step(SQLModel, table=True):
    """What happened to it."""

    metadata = _metadata
    id: UUID = Field(primary_key=True)
    opportunity_id: UUID
    type: str
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True))


class Total(SQLModel, table=True):
    """A person's number and money of a kind of event on a day."""

    metadata = _metadata
    owner_id: UUID = Field(primary_key=True)
    day: str = Field(primary_key=True)
    type: str = Field(primary_key=True)
    count: int = 0
    amount: Decimal = Decimal()


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
                    await _handle(session, json.loads(record.value))

        return await per_second(len(records), all_of_them)
    finally:
        await engine.dispose()


async def _handle(session: AsyncSession, event: dict[str, Any]) -> None:
    data, id = event["data"], UUID(event["partitionkey"])
    amount = Decimal(data["amount"]) if data.get("amount") else None
    standing = await session.get(Standing, id, with_for_update=True)
    if standing is None:
        standing = Standing(id=id, stage=data["stage"], owner_id=UUID(data["owner_id"]), sequence=0)
        session.add(standing)
    if int(event["sequence"]) <= standing.sequence:
        return
    standing.stage, standing.owner_id, standing.amount = data["stage"], UUID(data["owner_id"]), amount
    standing.sequence = int(event["sequence"])
    at = datetime.fromisoformat(event["time"])
    session.add(Step(id=UUID(event["id"]), opportunity_id=id, type=event["type"], occurred_at=at))
    key = {"owner_id": standing.owner_id, "day": str(at.date()), "type": event["type"]}
    total = (await session.scalars(select(Total).filter_by(**key).with_for_update())).one_or_none()
    if total is None:
        total = Total(**key)
        session.add(total)
    total.count, total.amount = total.count + 1, total.amount + (amount or Decimal())
