"""The rows of readings: what was published. A rebuild of the projections leaves them, and publishes nothing again."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric
from sqlmodel import Field

from reporting.rows import RootRow, Row
from runtime.columns import INSTANT, TEXT


class Series(RootRow, table=True):
    """The readings of one metric of one subject, numbered."""

    __tablename__ = "reading_series"

    code: str = Field(primary_key=True, sa_type=TEXT)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"series:{self.code}"


class Reading(Row, table=True):
    """What was published last about a week."""

    __table_args__ = (
        Index("reading_starts_on", "starts_on", "series"),
        Index("reading_subject_id", "subject_id", "starts_on"),
    )

    series: str = Field(primary_key=True, sa_type=TEXT, foreign_key="reading_series.code")
    starts_on: date = Field(primary_key=True)
    metric: str = Field(sa_type=TEXT)
    subject_kind: str = Field(sa_type=TEXT)
    subject_id: UUID
    period: str = Field(sa_type=TEXT)
    value: Decimal | None = Field(default=None, sa_type=Numeric)
    target: Decimal | None = Field(default=None, sa_type=Numeric)
    attainment: Decimal | None = Field(default=None, sa_type=Numeric)
    currency: str | None = Field(default=None, sa_type=TEXT)
    published_at: datetime = Field(sa_type=INSTANT)
    restated: int = Field(default=0, description="how often it was restated")
