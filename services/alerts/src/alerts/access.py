"""Which roles change what in this service; everybody who sees a record reads it."""

from typing import Any

from fastapi import Depends

from contracts import Role
from runtime import requires

CONFIGURERS = frozenset({Role.administrator, Role.operations})
"""Who may define rules and webhooks."""

configurers: Any = Depends(requires(*CONFIGURERS))
