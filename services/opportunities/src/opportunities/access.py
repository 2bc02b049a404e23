"""Which roles change what in this service; everybody who sees a record reads it."""

from fastapi import Depends

from contracts import Role
from directory import Caller
from runtime import requires

AUTHORISED = frozenset({Role.manager, Role.regional_manager, Role.director, Role.operations})
"""Who may allow a skip or a step back, and undo a win, a loss or an opportunity."""

WRITERS = AUTHORISED | {Role.representative, Role.supervisor}
"""Who may write records, each within what they see."""

DEFINERS = frozenset({Role.administrator, Role.operations})
"""Who may define pipelines."""

writers = Depends(requires(*WRITERS))
operations = Depends(requires(Role.operations))
definers = Depends(requires(*DEFINERS))


def is_authorised(caller: Caller) -> bool:
    """Whether the caller may allow exceptions and undo mistakes."""
    return caller.principal.role in AUTHORISED
