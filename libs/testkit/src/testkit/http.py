"""A service asked over HTTP in this process: the app in front, a migrated database of its own behind."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from contracts.roles import Role
from runtime import TOKEN_HEADER, Issuer, Service, Settings, create_app, migrate
from testkit.databases import Database

STATES_NOTHING = re.compile("/(backtest|redeliver)$")
"""The paths of what is asked by POST and changes no record."""

SOMEBODY = "0199d1a2-0000-7000-8000-000000000001"
"""The person whom tokens name unless told otherwise; no service has heard of them."""


@dataclass(frozen=True, slots=True)
class Api:
    """A running app. `api.client(Role.manager, person_id)` asks as somebody, `api.client()` without a token."""

    app: FastAPI
    database: Database
    issuer: Issuer

    def client(self, role: Role | None = None, subject: str = SOMEBODY) -> AsyncClient:
        """A client that shows a token of this role and person (or program)."""
        headers = {"Authorization": f"Bearer {self.issuer.issue(subject, role)}"} if role else {}
        return AsyncClient(
            transport=ASGITransport(self.app),
            base_url="http://attain",
            headers=headers,
            event_hooks={"response": [self._check_token]},
        )

    async def _check_token(self, answer: Response) -> None:
        """Whichever test makes a change, its answer carries a consistency token."""
        request = answer.request
        if request.method == "GET" or not answer.is_success or TOKEN_HEADER in answer.headers:
            return
        has_ledger = any(getattr(route, "path", None) == "/v1/events" for route in self.app.routes)
        if not has_ledger or request.url.params.get("validate_only"):
            return  # no ledger, or nothing is kept
        await answer.aread()
        changed = answer.json() if answer.content else {}
        said = [row.get("token") for row in changed.get("items", [])]
        nothing = changed.get("leads") == 0 or ("items" in changed and not any(said))
        assert nothing or STATES_NOTHING.search(request.url.path), (
            f"{request.method} {request.url.path} answers no token"
        )


class Migrations:
    """What fills the template of a service's databases: the same function for the same service each time."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[Database], Awaitable[None]]] = {}

    def of(self, service: Service) -> Callable[[Database], Awaitable[None]]:
        """Migrates and seeds a database as `python -m <service> migrate` does."""

        async def migrated(database: Database) -> None:
            await migrate(service, service.settings(database_url=database.url))

        return self._known.setdefault(service.name, migrated)


@asynccontextmanager
async def serving(
    service: Service, database: Database, issuer: Issuer, jwks: Path, **settings: object
) -> AsyncIterator[Api]:
    """Run the app of a service on a database, without its workers."""
    chosen = {"database_url": database.url, "database_pool_size": 5, "jwks": str(jwks), **settings}
    app = create_app(service, service.settings.model_validate(chosen))
    async with app.router.lifespan_context(app):
        yield Api(app, database, issuer)


def new_issuer(folder: Path) -> tuple[Issuer, Path]:
    """An issuer with a fresh key, and the file of its public keys."""
    issuer = Issuer.create(folder / "issuer.json", Settings())
    jwks = folder / "jwks.json"
    jwks.write_text(issuer.jwks_json())
    return issuer, jwks
