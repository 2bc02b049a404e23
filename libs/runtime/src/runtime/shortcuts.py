"""Shortcuts: a short way through the routes that are asked most, for requests in which nothing is out of the ordinary.

A shortcut only ever succeeds. Whatever it does not know how to answer, it leaves to the route as if it had not looked:
an odd body, a rule that stands against it, a record that somebody else is changing. So every refusal has one place,
the route, and a shortcut is nothing but its quicker half. What it saves is measured in docs/decisions/0011.
"""

import json
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import asyncpg
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.refusal import Refusal
from contracts.roles import Role
from runtime.database import Database
from runtime.etags import Precondition, etag
from runtime.headers import header
from runtime.principal import principal_of
from runtime.records import TOKEN_HEADER
from runtime.storable import is_suspicious
from runtime.tokens import Principal
from runtime.transaction import SHARED_SESSION

_ID = "(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


@dataclass(frozen=True, slots=True)
class Asked[C: BaseModel]:
    """A request that takes a shortcut: its role may ask this, and its body is a command of the route."""

    database: Database
    principal: Principal
    command: C
    about: UUID | None
    """The id in the path."""
    if_match: Precondition
    session: AsyncSession | None
    """Where somebody further out has opened the transaction that the work belongs to, and will commit it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the route would give it."""

    status: int
    shown: BaseModel
    version: int
    """Of the record: its ETag."""
    token: str
    """The consistency token."""
    location: str | None = None

    def headers(self, length: int) -> list[tuple[bytes, bytes]]:
        """The lines of the header, for a body of so many bytes."""
        location = [(b"location", self.location.encode())] if self.location else []
        return [
            *location,
            (b"etag", etag(self.version).encode()),
            (_TOKEN, self.token.encode()),
            (b"content-length", str(length).encode()),
            (b"content-type", b"application/json"),
        ]


_TOKEN = TOKEN_HEADER.lower().encode()


@dataclass(frozen=True, slots=True)
class Shortcut[C: BaseModel]:
    """A short way through the POST route with this path, whose body is a `command`, for these roles.

    `act` does the work on the connection and answers, or has done nothing at all and returns None or raises a refusal:
    then the route is asked. Failures of the database are the answer, as they would be of the route.
    """

    path: str
    command: type[C]
    roles: Collection[Role]
    act: Callable[[Asked[C], asyncpg.Connection], Awaitable[Answer | None]]
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.compile(_PLACEHOLDER.sub(_ID, re.escape(self.path)))
        object.__setattr__(self, "pattern", pattern)


class ShortcutMiddleware:
    """Answers by a service's shortcuts whatever they can answer."""

    def __init__(self, app: ASGIApp, shortcuts: Collection[Shortcut[Any]]) -> None:
        self.app, self._shortcuts = app, tuple(shortcuts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and not scope["query_string"]:
            for shortcut in self._shortcuts:
                if found := shortcut.pattern.fullmatch(scope["path"]):
                    await self._try(shortcut, found.groupdict().get("id"), scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _try(
        self, shortcut: Shortcut[Any], about: str | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        received: list[Message] = []
        body = await _whole_body(receive, received)
        try:
            asked = body and await _understood(shortcut, about, scope, body)
            answer = await _act(shortcut, asked) if asked else None
        except Refusal:
            answer = None
        if answer is None:
            await self.app(scope, _again(received, receive), send)
            return
        scope["route"] = shortcut
        shown = answer.shown.__pydantic_serializer__.to_json(answer.shown)
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers(len(shown))}
        )
        await send({"type": "http.response.body", "body": shown})


async def _act(shortcut: Shortcut[Any], asked: Asked[Any]) -> Answer | None:
    """Each statement commits by itself, unless the request has a transaction already."""
    if asked.session is None:
        async with asked.database.at_once() as connection:
            return await shortcut.act(asked, connection)
    shared = await (await asked.session.connection()).get_raw_connection()
    return await shortcut.act(asked, cast(asyncpg.Connection, shared.driver_connection))


async def _understood(
    shortcut: Shortcut[Any], about: str | None, scope: Scope, body: bytes
) -> Asked[Any] | None:
    """The request; None for one that the route has to look at. Raises what the verifier of tokens raises."""
    if header(scope, b"content-type") != "application/json" or is_suspicious(body):
        return None
    principal = await principal_of(scope)
    if principal.role not in shortcut.roles:
        return None
    try:
        command = shortcut.command.__pydantic_validator__.validate_python(json.loads(body))
    except (ValueError, RecursionError):  # pydantic's errors are ValueErrors too
        return None
    return Asked(
        scope["app"].state.database,
        principal,
        command,
        UUID(about) if about else None,
        Precondition(header(scope, b"if-match")),
        scope.get(SHARED_SESSION),
    )


async def _whole_body(receive: Receive, received: list[Message]) -> bytes | None:
    """The body, and every message that brought it; None when the caller went away."""
    more = True
    while more:
        message = await receive()
        received.append(message)
        if message["type"] != "http.request":
            return None
        more = message.get("more_body", False)
    return (
        received[0].get("body", b"") if len(received) == 1 else b"".join(m.get("body", b"") for m in received)
    )


def _again(received: list[Message], receive: Receive) -> Receive:
    """Brings what was received already, and then whatever comes."""
    messages = iter(received)

    async def again() -> Message:
        for message in messages:
            return message
        return await receive()

    return again
