"""The registry of the tables that reporting owns beside its projections."""

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from messaging import Root
from runtime.columns import NAMING

METADATA = MetaData(naming_convention=NAMING)


class Row(SQLModel):
    """A row that belongs to a root."""

    metadata: ClassVar[MetaData] = METADATA


class RootRow(Root):
    """A row that is locked and numbered."""

    metadata: ClassVar[MetaData] = METADATA
