"""Whose figures and records the asker sees, as values for the directory's functions in a report's SQL."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from asyncpg import Connection, Record
from fastapi import Depends

from contracts import Role
from contracts.refusal import NotFound
from directory import Sight, sight
from directory.visibility import person_id
from runtime import CurrentPrincipal, requires
from runtime.query import Query

DEAL_READERS = sorted(set(Role) - {Role.administrator})
"""The roles that see deals and figures at all; an administrator sees the configuration only."""

deals_only = Depends(requires(*DEAL_READERS))


class Viewer:
    """The asker. `everything` stands for no limit at all."""

    def __init__(self, asker: UUID | None, how_far: Sight) -> None:
        self.everything = how_far is Sight.everything
        self.asker = asker
        self.leads = how_far is Sight.led

    def values(self) -> dict[str, Any]:
        """The parameters `:everything`, `:asker` and `:leads`."""
        return {"everything": self.everything, "asker": self.asker, "leads": self.leads}

    async def unit(self, connection: Connection, today: date, id: UUID | None, code: str | None) -> Record:
        """The unit of this id, code, or both. Raises `NotFound` unless the asker sees its figures."""
        row = await _NAMED_UNIT.row(connection, **self.values(), today=today, unit_id=id, unit_code=code)
        if row is None:
            raise NotFound(what="unit", id=code or id)
        return row


async def current_viewer(principal: CurrentPrincipal) -> Viewer:
    """The asker of the request."""
    how_far = sight(principal)
    return Viewer(None if how_far is Sight.nothing else person_id(principal), how_far)


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]

NAMED_UNIT = """
    select id, code, name, parent_id is null as topmost from unit
    where (:unit_id::uuid is not null or :unit_code::text is not null)
      and (:unit_id::uuid is null or id = :unit_id::uuid) and (:unit_code::text is null or code = :unit_code::text)
      and (:everything or id in (select visible_unit(:asker::uuid, :leads, :today)))
    limit 1
"""
"""The unit of this id, code, or both, if the asker sees its figures."""

NAMED_PERSON = """
    select id, code, display_name as name from person
    where (:person_id::uuid is not null or :person_code::text is not null)
      and (:person_id::uuid is null or id = :person_id::uuid)
      and (:person_code::text is null or code = :person_code::text)
      and (:everything or id in (select visible_member(:asker::uuid, :leads, :today)))
    limit 1
"""
"""The person of this id, code, or both, if the asker sees their figures."""

_NAMED_UNIT = Query(NAMED_UNIT)
