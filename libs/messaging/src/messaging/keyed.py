"""Roots that may also have a key in the system that they came from."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Text, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_dict, manager_of_class
from sqlmodel import Field, col

from messaging.ledger import Root

type Key = tuple[str, str]
"""A system and the id that it gave: (source, external id)."""


class KeyedRoot(Root):
    """What a table inherits whose row is a root with an id, and which may be known elsewhere by another.

    `source_row` is what that system told last: its next row makes only the facts of the difference.
    """

    id: UUID = Field(primary_key=True)
    source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    source_row: dict[str, Any] | None = Field(default=None, sa_type=JSONB)

    @classmethod
    def before_opening(cls, id: UUID, **own: Any) -> Self:
        """A row that its first fact will fill; until then it is worth its defaults and what is given."""
        # A batch makes a thousand, and to set them attribute by attribute costs as much as all the rest of a row.
        row: Self = manager_of_class(cls).new_instance()
        values, makers = _defaults(cls)
        made = {name: make() for name, make in makers.items()}
        instance_dict(row).update(values | made, id=id, **own)
        return row

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return str(self.id)


@cache
def _defaults(kind: type[KeyedRoot]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The defaults of the columns, None where there is none, and what makes those that are made for each row.

    Every column has a value from the beginning: to give three mapped attributes their first took a batch 4 µs a row.
    """
    fields = kind.model_fields
    makers = {name: field.default_factory for name, field in fields.items() if field.default_factory}
    plain = {name: field for name, field in fields.items() if name not in makers}
    return {name: None if field.is_required() else field.default for name, field in plain.items()}, makers


async def rows_by_key[K: KeyedRoot](
    session: AsyncSession, kind: type[K], keys: Iterable[Key], *, lock: bool = False
) -> dict[Key, K]:
    """The rows with these keys (source, external id), taken out of the session: the caller writes
    what changes in them, many at a time.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    statement = (
        select(kind).where(tuple_(col(kind.source), col(kind.external_id)).in_(wanted)).order_by(col(kind.id))
    )
    found = (await session.scalars(statement.with_for_update() if lock else statement)).all()
    for row in found:
        session.expunge(row)
    return {(str(row.source), str(row.external_id)): row for row in found}
