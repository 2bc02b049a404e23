"""Which roles change what in this service; everybody who sees a record reads it."""

from typing import Any

from fastapi import Depends

from contracts import Role
from runtime import requires

CONFIGURERS = frozenset({Role.administrator, Role.operations})
"""Who may define rules and webhooks."""

RESPONDERS = frozenset(
    {
        Role.representative, Role.supervisor, Role.manager, Role.regional_manager, Role.director, Role.operations,
    }
)  # fmt: skip
"""Who may act on incidents, each on those that they see."""

responders: Any = Depends(requires(*RESPONDERS))
configurers: Any = Depends(requires(*CONFIGURERS))
