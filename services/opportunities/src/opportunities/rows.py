"""The registry of this service's tables, and the column types that its rows share."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from messaging import Root

METADATA = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

INSTANT: Any = DateTime(timezone=True)
MONEY: Any = Numeric(18, 2)
TEXT: Any = Text
JSON: Any = JSONB


class Row(SQLModel):
    """A row that belongs to a root."""

    metadata: ClassVar[MetaData] = METADATA


class RootRow(Root):
    """A row that is locked and numbered."""

    metadata: ClassVar[MetaData] = METADATA

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
        """The consistency token: a report that is given it waits until it has heard all of the row's facts."""
        return f"{self.root}@{self.sequence}"


class KeyedRow(RootRow):
    """A root with an id, which may also have a key in the system that it came from.

    `source_row` is what that system told last: its next row makes only the facts of the difference.
    """

    id: UUID = Field(primary_key=True)
    source: str | None = Field(default=None, sa_type=TEXT)
    external_id: str | None = Field(default=None, sa_type=TEXT)
    source_row: dict[str, Any] | None = Field(default=None, sa_type=JSON)

    @classmethod
    def before_opening(cls, id: UUID, **own: Any) -> Self:
        """A row that its first fact will fill."""
        return cls(id=id, **own)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)
