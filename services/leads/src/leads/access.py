"""Which roles change what in this service; everybody who sees a record reads it."""

from fastapi import Depends

from contracts import Role
from runtime import requires

SELLERS = frozenset(
    {
        Role.representative, Role.supervisor, Role.manager, Role.regional_manager, Role.director, Role.operations,
    }
)  # fmt: skip
"""Who may write leads, each within what they see, and look into the pool."""

CONFIGURERS = frozenset({Role.administrator, Role.operations})
"""Who may define channels, campaigns, costs and rules."""

IMPERSONAL = frozenset({Role.integrator, Role.bi_reader})
"""Who reads leads without learning who the contact is."""

sellers = Depends(requires(*SELLERS))
operations = Depends(requires(Role.operations))
configurers = Depends(requires(*CONFIGURERS))
