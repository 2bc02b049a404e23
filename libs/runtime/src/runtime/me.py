"""`GET /v1/me`."""

from runtime.principal import CurrentPrincipal
from runtime.routes import Router
from runtime.tokens import Principal

router = Router(prefix="/v1", tags=["me"])


@router.get("/me")
async def read_me(principal: CurrentPrincipal) -> Principal:
    """Who the token says that you are."""
    return principal
