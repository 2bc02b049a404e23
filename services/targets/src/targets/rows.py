"""The tables of this service: one registry for all rooms, and what their rows have in common."""

from typing import Any, ClassVar

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from messaging import Root

_registry = registry()
metadata = _registry.metadata
"""What the migrations must bring about; a test compares the two."""


class Row(SQLModel, registry=_registry):
    """A plain row."""


class RootRow(Root, registry=_registry):
    """A row that is a root: it is locked, and its facts are numbered."""

    root_field: ClassVar[str | None] = None
    """The field that comes before a code in the root's name; None where the id is the name."""

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        key: Any = self.root_key
        return f"{self.root_field}:{key}" if self.root_field else str(key)

    @property
    def root_key(self) -> Any:
        """The row's own key."""
        raise NotImplementedError
