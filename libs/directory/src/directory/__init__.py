"""Who is who: a service's replica of people, units and memberships, and who may see whose records."""

from directory.caller import Caller, CurrentCaller, caller
from directory.projection import DirectoryProjection
from directory.projector import keep_directory
from directory.tables import SCHEMA, SCOPES, TABLES, closure, membership, person, unit
from directory.visibility import VISIBLE_PEOPLE, Sight, sight, visible_members, visible_people, visible_units

__all__ = [
    "SCHEMA",
    "SCOPES",
    "TABLES",
    "VISIBLE_PEOPLE",
    "Caller",
    "CurrentCaller",
    "DirectoryProjection",
    "Sight",
    "caller",
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
