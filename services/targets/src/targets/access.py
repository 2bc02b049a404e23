"""Which roles change what in this service; everybody with a token reads what is no target."""

from typing import Any

from fastapi import Depends

from contracts import Role
from runtime import requires

CONFIGURES: Any = Depends(requires(Role.administrator, Role.operations))
"""Organisation, calendar and metrics."""

PLANS: Any = Depends(requires(Role.operations, Role.director, Role.regional_manager, Role.manager))
"""Targets, within what the role sees."""
