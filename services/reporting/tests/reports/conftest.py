"""Reports asked over HTTP, from histories told as events and applied by the projector."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from contracts import Role
from messaging import Projector
from reporting.main import service
from reporting.worker import projector
from testkit.history import History
from testkit.http import Api
from testkit.projecting import project


@dataclass
class Reports:
    """Tells reporting what happened, and asks it as somebody (a director unless said otherwise)."""

    api: Api
    projector: Projector
    told: int = 0

    async def hear(self, history: History) -> None:
        """Applies the events that were told since the last time."""
        await project(self.projector, history.events[self.told :])
        self.told = len(history.events)

    async def ask(
        self,
        path: str,
        *,
        role: Role = Role.director,
        who: UUID | str | None = None,
        headers: dict[str, str] | None = None,
        **parameters: Any,
    ) -> Response:
        """The answer to `GET /v1/<path>`. A parameter that ends with `_` goes without it (`from_`)."""
        client = self.api.client(role, str(who)) if who else self.api.client(role)
        given = {
            name.removesuffix("_"): str(value) for name, value in parameters.items() if value is not None
        }
        return await client.get(f"/v1/{path}", params=given, headers=headers or {})

    async def read(self, path: str, **asked: Any) -> Any:
        """The JSON of an answer that succeeds."""
        answer = await self.ask(path, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def reports(serve: Callable[..., Awaitable[Api]]) -> AsyncIterator[Reports]:
    """A reporting service that has heard nothing yet."""
    api = await serve(service)
    projecting = projector(api.app.state.settings)
    yield Reports(api, projecting)
    await projecting.close()
