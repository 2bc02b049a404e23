"""The rows of the plans: a target as it stands, and every state that it was agreed in."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from targets.rows import RootRow, Row


def _number(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Numeric(24, 6), nullable=nullable))


class Target(RootRow, table=True):
    """A target as it was last agreed."""

    id: UUID = Field(primary_key=True)
    metric: str = Field(foreign_key="metric.code")
    subject_kind: str
    subject_id: UUID
    period: str = Field(foreign_key="period.code")
    dimensions: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    base: Decimal = _number()
    challenge: Decimal | None = _number(nullable=True)
    weight: Decimal = _number()
    owner_id: UUID | None = Field(default=None, foreign_key="person.id")
    parent_id: UUID | None = Field(default=None, foreign_key="target.id")
    state: str = "published"

    __table_args__ = (
        Index(
            "target_published_once",
            "metric",
            "subject_id",
            "period",
            "dimensions",
            unique=True,
            postgresql_where=text("state = 'published'"),
        ),
        Index("target_subject", "subject_id"),
        Index("target_period", "period"),
        Index("target_parent", "parent_id"),
    )

    @property
    def root_key(self) -> UUID:
        return self.id


class TargetRevision(Row, table=True):
    """One agreed state of a target; the first is its publication. `note` may be erased, the rest stays."""

    __tablename__ = "target_revision"

    target_id: UUID = Field(primary_key=True, foreign_key="target.id")
    revision: int = Field(primary_key=True)
    event_id: UUID = Field(unique=True)
    base: Decimal = _number()
    challenge: Decimal | None = _number(nullable=True)
    reason_code: str | None = None
    approver_id: str
    effective_on: date | None = None
    note: str | None = None
