"""The registry of this service's tables, and what its rows are."""

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from messaging import KeyedRoot, Root
from runtime.columns import NAMING

METADATA = MetaData(naming_convention=NAMING)


class Row(SQLModel):
    """A row that belongs to a root."""

    metadata: ClassVar[MetaData] = METADATA


class RootRow(Root):
    """A row that is locked and numbered."""

    metadata: ClassVar[MetaData] = METADATA


class KeyedRow(KeyedRoot):
    """A root with an id, which may also have a key in the system that it came from."""

    metadata: ClassVar[MetaData] = METADATA
