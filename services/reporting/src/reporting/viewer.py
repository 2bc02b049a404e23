"""Whose figures and records the asker sees, as values for the directory's functions in a report's SQL."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends

from contracts.roles import Role
from directory import Sight, sight
from directory.visibility import person_id
from runtime import CurrentPrincipal, requires

DEAL_READERS = tuple(set(Role) - {Role.administrator})
"""The roles that see deals and figures at all; an administrator sees the configuration only."""


class Viewer:
    """The asker. `everything` stands for no limit at all."""

    def __init__(self, asker: UUID | None, how_far: Sight) -> None:
        self.everything = how_far is Sight.everything
        self.asker = asker
        self.leads = how_far is Sight.led

    def values(self) -> dict[str, Any]:
        """The parameters `:everything`, `:asker` and `:leads`."""
        return {"everything": self.everything, "asker": self.asker, "leads": self.leads}


def current_viewer(principal: CurrentPrincipal) -> Viewer:
    """The asker of the request."""
    how_far = sight(principal)
    return Viewer(None if how_far is Sight.nothing else person_id(principal), how_far)


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
deals_only = Depends(requires(*sorted(DEAL_READERS)))
