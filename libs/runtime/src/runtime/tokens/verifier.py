"""Who sends a request: bearer tokens (RFC 7519, RFC 9068 in spirit), checked for everything that they claim."""

import json
import time
import warnings
from base64 import urlsafe_b64decode
from dataclasses import dataclass

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet
from pydantic import BaseModel

from contracts.roles import Role
from runtime.problems.refusals import TemporarilyUnavailable, Unauthenticated
from runtime.settings import Settings
from runtime.tokens.keys import Keys, NoKeys

LEEWAY_SECONDS = 30
REMEMBERED_MOST = 10_000
"""Tokens, about a kilobyte each. A caller sends the same one for hours, and checking a signature anew costs more than
most requests.
"""

log = structlog.get_logger(__name__)
# RFC 9864 renames EdDSA to Ed25519; issuers in use still say EdDSA.
warnings.filterwarnings("ignore", category=SecurityWarning, message=".*9864.*")


class Principal(BaseModel, frozen=True):
    """Who asks: a person (`id` is the person's id) or a program (its client name)."""

    id: str
    role: Role
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a token was found to say, by which keys, and the instant (Unix seconds) until which it holds."""

    principal: Principal
    key_id: str | None
    keys: KeySet
    until: float


class Verifier:
    """Checks tokens against the settings' issuer, audience, algorithms and keys."""

    def __init__(self, settings: Settings) -> None:
        self._algorithms = list(settings.token_algorithms)
        self._keys = Keys(settings.jwks) if settings.jwks else None
        self._verified: dict[str, _Verified] = {}
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
        """The principal that a token speaks for. A token that was verified is remembered until it expires, or the
        issuer's keys are others.

        Raises `Unauthenticated`, or `TemporarilyUnavailable` while the issuer's keys cannot be had.
        """
        if self._keys is None:
            raise Unauthenticated(reason="This service knows no issuer (ATTAIN_JWKS is not set).")
        known = self._verified.get(token)
        key_id = known.key_id if known else _key_id(token)
        try:
            keys = await self._keys.for_key_id(key_id)
        except NoKeys as error:
            log.error("no keys to verify tokens with", error=str(error))
            raise TemporarilyUnavailable from error
        if known and known.keys is keys and time.time() < known.until:
            return known.principal
        self._verified.pop(token, None)
        verified = self._verify(token, key_id, keys)
        while len(self._verified) >= REMEMBERED_MOST:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = verified
        return verified.principal

    def _verify(self, token: str, key_id: str | None, keys: KeySet) -> _Verified:
        try:
            claims = jwt.decode(token, keys, algorithms=self._algorithms).claims
            self._claims.validate(claims)
            principal = Principal(id=str(claims["sub"]), role=Role(claims["role"]), name=claims.get("name"))
            return _Verified(principal, key_id, keys, claims["exp"] + LEEWAY_SECONDS)
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
