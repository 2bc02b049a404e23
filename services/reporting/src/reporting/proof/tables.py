"""The rows of the proof: how far it has walked, and what it has found. A rebuild of the projections leaves them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from reporting.rows import RootRow, Row
from runtime.columns import INSTANT, JSON, TEXT


class Walk(Row, table=True):
    """How far a walk has come: over all roots (`roots`), or over a partition (`attain-leads/3`)."""

    __tablename__ = "proof_walk"

    walk: str = Field(primary_key=True, sa_type=TEXT)
    position: str = Field(default="", sa_type=TEXT, description="the last root; the next offset")
    laps: int = 0
    lap_began_at: datetime | None = Field(default=None, sa_type=INSTANT)
    walked_at: datetime | None = Field(default=None, sa_type=INSTANT)


class DriftRow(RootRow, table=True):
    """A time in which rows of a table differ from what they follow from. One lasts at a time for each check."""

    __tablename__ = "drift"
    __table_args__ = (
        Index("drift_lasting", "check", "table", unique=True, postgresql_where=text("agreed_at is null")),
    )

    id: UUID = Field(primary_key=True)
    check: str = Field(sa_type=TEXT)
    table: str = Field(sa_type=TEXT)
    drifted_at: datetime = Field(sa_type=INSTANT)
    agreed_at: datetime | None = Field(default=None, sa_type=INSTANT)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)


class ContradictionRow(RootRow, table=True):
    """A figure that somebody reported to contradict what they know, and what came of telling it anew."""

    __tablename__ = "contradiction"
    __table_args__ = (
        Index("contradiction_by", "by", "reported_at", "id"),
        Index("contradiction_at", "reported_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    by: str = Field(sa_type=TEXT)
    reported_at: datetime = Field(sa_type=INSTANT)
    metric: str | None = Field(default=None, sa_type=TEXT)
    subject_kind: str | None = Field(default=None, sa_type=TEXT)
    subject_id: UUID | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    opportunity_id: UUID | None = None
    said: str | None = Field(default=None, sa_type=TEXT)
    records: int
    checked: int
    differing: dict[str, int] = Field(sa_type=JSON, description="by table: records that differ")

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)


class DriftedRoot(Row, table=True):
    """A root in which a drift was seen last when it was looked at; where it lies on Kafka, if that was asked."""

    __tablename__ = "drift_root"
    __table_args__ = (
        Index("drift_root_looked_at", "looked_at"),
        Index("drift_root_root", "root"),
    )

    drift_id: UUID = Field(primary_key=True, foreign_key="drift.id", ondelete="CASCADE")
    root: str = Field(primary_key=True, sa_type=TEXT)
    detail: str = Field(sa_type=TEXT)
    place: str | None = Field(default=None, sa_type=TEXT, description="`topic/partition/offset`")
    looked_at: datetime = Field(sa_type=INSTANT)
