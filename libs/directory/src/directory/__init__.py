"""Who is who: a service's replica of people, units and memberships, and who may see whose records."""

from directory.caller import Caller, CurrentCaller
from directory.projection import DirectoryProjection
from directory.projector import keep_directory
from directory.tables import SCHEMA, SCOPES, TABLES, closure, membership, person, unit
from directory.visibility import Sight, sight, visible_members, visible_people, visible_units

__all__ = [
    "SCHEMA",
    "SCOPES",
    "TABLES",
    "Caller",
    "CurrentCaller",
    "DirectoryProjection",
    "Sight",
    "closure",
    "keep_directory",
    "membership",
    "person",
    "sight",
    "unit",
    "visible_members",
    "visible_people",
    "visible_units",
]
