"""The development issuer: signs tokens with a key of its own. A production setting refuses it."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from contracts.roles import Role
from runtime.settings import Settings

ALGORITHM = "ES256"


class IssuerRefused(RuntimeError):
    """The development issuer was asked to work in production."""


class Issuer:
    """Signs tokens that the services of the same settings accept."""

    def __init__(self, key: ECKey, settings: Settings) -> None:
        if settings.environment == "production":
            raise IssuerRefused(
                "the development issuer signs nothing in production: take tokens from your identity provider"
            )
        self._key, self._settings = key, settings

    @classmethod
    def load(cls, path: Path, settings: Settings) -> "Issuer":
        """The issuer whose private key (JWK) lies in the file. Raises `IssuerRefused` in production."""
        return cls(ECKey.import_key(json.loads(path.read_bytes())), settings)

    @classmethod
    def create(cls, path: Path, settings: Settings) -> "Issuer":
        """A new issuer; its private key is written to the file, readable by its owner only."""
        key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
        issuer = cls(key, settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(key.as_dict(private=True), file)
        return issuer

    def jwks(self) -> dict[str, Any]:
        """The public key set for `ATTAIN_JWKS`."""
        return {"keys": [self._key.as_dict(private=False)]}

    def jwks_json(self) -> str:
        """The public key set as the text of a JWKS file."""
        return json.dumps(self.jwks())

    def issue(
        self,
        subject: str,
        role: Role,
        *,
        name: str | None = None,
        lifetime: timedelta = timedelta(hours=12),
        now: datetime | None = None,
    ) -> str:
        """A token for a person's id or a client's name, valid from `now` for `lifetime`."""
        issued = now or datetime.now(UTC)
        claims = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "sub": subject,
            "role": role.value,
            "iat": int(issued.timestamp()),
            "exp": int((issued + lifetime).timestamp()),
            **({"name": name} if name else {}),
        }
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid}, claims, self._key)
