"""The roles of people and programs (S193)."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; whose records they see follows from the organisation, not from here."""

    representative = "representative"
    supervisor = "supervisor"
    manager = "manager"
    regional_manager = "regional_manager"
    director = "director"
    operations = "operations"
    administrator = "administrator"
    integrator = "integrator"
    bi_reader = "bi_reader"


PEOPLE = frozenset(Role) - {Role.integrator, Role.bi_reader}
"""The roles that a person of the organisation can have; the other two are programs."""

LEADERS = frozenset({Role.supervisor, Role.manager, Role.regional_manager})
"""The roles that see the records of the units that they manage, with everything below."""

SEE_EVERYTHING = frozenset({Role.director, Role.operations, Role.integrator, Role.bi_reader})
"""The roles that see every record of the company. An administrator configures, and sees none."""
