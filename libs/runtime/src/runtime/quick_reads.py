"""Quick reads: a short way through the reports that are asked most, for questions with nothing out of the ordinary.

As a shortcut does (`runtime.shortcuts`), a quick read only ever succeeds: whatever it does not know how to answer, it
leaves to the route as if it had not looked. So every refusal, every rare parameter and every wait has one place.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.refusal import Refusal
from contracts.roles import Role
from runtime.database import Database
from runtime.principal import principal_of
from runtime.tokens import Principal


@dataclass(frozen=True, slots=True)
class Question[P: BaseModel]:
    """A question that may be answered quickly: the asker's role may ask it, and its parameters are those named."""

    database: Database
    principal: Principal
    parameters: P


@dataclass(frozen=True, slots=True)
class QuickRead[P: BaseModel]:
    """A short way through the GET route with this path for these roles, where only `parameters` are given.

    `act` answers as the route would, or returns None or raises a refusal: then the route is asked. Failures of the
    database are the answer, as they would be of the route.
    """

    path: str
    parameters: type[P]
    """Forbids what it does not name."""
    roles: Collection[Role]
    act: Callable[[Question[P]], Awaitable[BaseModel | None]]


class QuickReadMiddleware:
    """Answers by a service's quick reads whatever they can answer."""

    def __init__(self, app: ASGIApp, reads: Collection[QuickRead[Any]]) -> None:
        self.app, self._reads = app, {read.path: read for read in reads}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and (read := self._reads.get(scope["path"])):
            try:
                question = await _understood(read, scope)
                answer = await read.act(question) if question else None
            except Refusal:
                answer = None
            if answer is not None:
                scope["route"] = read
                await _send(send, answer.__pydantic_serializer__.to_json(answer))
                return
        await self.app(scope, receive, send)


async def _send(send: Send, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


# Headers of a request that mean the route: it has a body, waits for a change, or wants something more.
_OUT_OF_THE_ORDINARY = frozenset({b"content-length", b"transfer-encoding", b"attain-after", b"prefer"})


async def _understood(read: QuickRead[Any], scope: Scope) -> Question[Any] | None:
    """The question; None for one that the route has to look at. Raises what the verifier of tokens raises."""
    if not _OUT_OF_THE_ORDINARY.isdisjoint(name for name, _ in scope["headers"]):
        return None
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    parameters = dict(given)
    if len(parameters) < len(given) or any("\0" in value for value in parameters.values()):
        return None
    principal = await principal_of(scope)
    if principal.role not in read.roles:
        return None
    try:
        asked = read.parameters.__pydantic_validator__.validate_python(parameters)
    except ValueError:  # pydantic's errors are ValueErrors
        return None
    return Question(scope["app"].state.database, principal, asked)
