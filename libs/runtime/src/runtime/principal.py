"""The caller as a dependency, and the roles that a route demands."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.types import Scope

from contracts.refusal import Forbidden
from contracts.roles import Role
from runtime.headers import header
from runtime.tokens import Principal, Verifier

PRINCIPAL = "runtime.principal"
"""Key in the ASGI scope of the principal, once the token was verified."""

bearer = HTTPBearer(scheme_name="bearer", bearerFormat="JWT", auto_error=False)


async def current_principal(request: Request, _documented: Annotated[object, Security(bearer)]) -> Principal:
    """Who asks. Raises `Unauthenticated` without a valid bearer token."""
    return await principal_of(request.scope)


async def principal_of(scope: Scope) -> Principal:
    """Who asks; the token is verified once a request. Raises what `Verifier.authenticate` raises."""
    known: Principal | None = scope.get(PRINCIPAL)
    if known is None:
        verifier: Verifier = scope["app"].state.verifier
        known = scope[PRINCIPAL] = await verifier.authenticate(header(scope, b"authorization"))
    return known


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]


def requires(*roles: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency that lets these roles pass: `dependencies=[Depends(requires(Role.operations))]`.

    Raises `Forbidden` for any other, naming the roles that are allowed.
    """
    allowed = frozenset(roles)

    async def check(principal: CurrentPrincipal) -> Principal:
        if principal.role not in allowed:
            raise Forbidden(role=principal.role.value, allowed=", ".join(sorted(allowed)))
        return principal

    return check
