"""Who sends a request: bearer tokens (RFC 7519, RFC 9068 in spirit), checked for everything that they claim."""

import json
import warnings
from base64 import urlsafe_b64decode

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from pydantic import BaseModel

from contracts.roles import Role
from runtime.problems.refusals import TemporarilyUnavailable, Unauthenticated
from runtime.settings import Settings
from runtime.tokens.keys import Keys, NoKeys

LEEWAY_SECONDS = 30

log = structlog.get_logger(__name__)
# RFC 9864 renames EdDSA to Ed25519; issuers in use still say EdDSA.
warnings.filterwarnings("ignore", category=SecurityWarning, message=".*9864.*")


class Principal(BaseModel, frozen=True):
    """Who asks: a person (`id` is the person's id) or a program (its client name)."""

    id: str
    role: Role
    name: str | None = None


class Verifier:
    """Checks tokens against the settings' issuer, audience, algorithms and keys."""

    def __init__(self, settings: Settings) -> None:
        self._algorithms = list(settings.token_algorithms)
        self._keys = Keys(settings.jwks) if settings.jwks else None
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": settings.token_issuer},
            aud={"essential": True, "value": settings.token_audience},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True, "values": [role.value for role in Role]},
        )

    async def authenticate(self, authorization: str | None) -> Principal:
        """The principal of an `Authorization` header. Raises `Unauthenticated`, which says why."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated(reason="There is no bearer token.")
        return await self.verify(token.strip())

    async def verify(self, token: str) -> Principal:
        """The principal that a token speaks for.

        Raises `Unauthenticated`, or `TemporarilyUnavailable` while the issuer's keys cannot be had.
        """
        if self._keys is None:
            raise Unauthenticated(reason="This service knows no issuer (ATTAIN_JWKS is not set).")
        try:
            keys = await self._keys.for_key_id(_key_id(token))
        except NoKeys as error:
            log.error("no keys to verify tokens with", error=str(error))
            raise TemporarilyUnavailable from error
        try:
            claims = jwt.decode(token, keys, algorithms=self._algorithms).claims
            self._claims.validate(claims)
            return Principal(id=str(claims["sub"]), role=Role(claims["role"]), name=claims.get("name"))
        except (JoseError, ValueError) as error:
            raise Unauthenticated(reason=f"The token was refused: {_reason(error)}.") from error


def _key_id(token: str) -> str | None:
    """The key id that the token names, unchecked: it only decides whether keys are loaded anew."""
    try:
        header = token.partition(".")[0]
        found = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
        return str(found["kid"]) if isinstance(found, dict) and "kid" in found else None
    except (ValueError, RecursionError):
        return None


def _reason(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    name = getattr(error, "error", "malformed").replace("_", " ")
    return f"{name} ({claim})" if claim else name
