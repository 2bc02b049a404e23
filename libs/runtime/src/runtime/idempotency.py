"""`Idempotency-Key` on every POST: the answer is stored in the transaction that did the work.

A repeat gets the same answer, another request under the same key is refused, and so is one that comes while the
first still runs. Only successful answers are stored: a refused request did nothing and may be sent again.
"""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.refusal import Refusal
from runtime.database import Database, discarded
from runtime.headers import header
from runtime.principal import principal_of
from runtime.problems.answers import problem_response
from runtime.problems.refusals import IdempotencyKeyBusy, IdempotencyKeyMalformed, IdempotencyKeyReused
from runtime.transaction import SHARED_SESSION

LONGEST_KEY = 255
REPLAYED = "Idempotency-Replayed"

# Waiting would hold a connection for as long as the first request runs: try, and tell the second to come back.
_CLAIM = text("select pg_try_advisory_xact_lock(hashtextextended(:principal || chr(10) || :key, 0))")
_FIND = text(
    "select body_hash, status, headers, body from runtime.idempotency where principal = :principal and key = :key"
)
_STORE = text(
    "insert into runtime.idempotency (principal, key, method, path, body_hash, status, headers, body) "
    "values (:principal, :key, :method, :path, :body_hash, :status, cast(:headers as jsonb), :body)"
)


@dataclass(frozen=True, slots=True)
class _Claim:
    principal: str
    key: str
    method: str
    path: str
    body_hash: bytes


class IdempotencyMiddleware:
    """Wraps every keyed POST in one transaction that the route then works in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = header(scope, b"idempotency-key") if _is_post(scope) else None
        if key is None:
            await self.app(scope, receive, send)
            return
        try:
            answer = await self._answer(key, scope, receive)
        except Refusal as refusal:
            answer = problem_response(refusal, scope["path"])
        await answer(scope, receive, send)

    async def _answer(self, key: str, scope: Scope, receive: Receive) -> Response:
        if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise IdempotencyKeyMalformed(longest=LONGEST_KEY)
        principal = await principal_of(scope)
        body = await _whole_body(receive)
        claim = _Claim(principal.id, key, scope["method"], scope["path"], _fingerprint(scope, body))
        database: Database = scope["app"].state.database
        async with database.sessions() as session:
            return await _stored_answer(session, claim) or await self._first(session, claim, scope, body)

    async def _first(self, session: AsyncSession, claim: _Claim, scope: Scope, body: bytes) -> Response:
        capture = _Capture()
        await self.app({**scope, SHARED_SESSION: session}, _replay(body), capture)
        answer = capture.response()
        if answer.status_code < 400 and not discarded(session):
            await _store(session, claim, answer)
            await session.commit()
        return answer


class _Capture:
    """Takes an answer in instead of sending it."""

    def __init__(self) -> None:
        self._start: Message | None = None
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._chunks.append(message.get("body", b""))

    def response(self) -> Response:
        if self._start is None:
            raise RuntimeError("the app gave no answer")
        response = Response(b"".join(self._chunks), self._start["status"])
        response.raw_headers = list(self._start["headers"])
        return response


async def _stored_answer(session: AsyncSession, claim: _Claim) -> Response | None:
    """The answer of an earlier request under the key; None for the first. Raises the key's refusals."""
    if not await session.scalar(_CLAIM, {"principal": claim.principal, "key": claim.key}):
        raise IdempotencyKeyBusy
    row = (await session.execute(_FIND, {"principal": claim.principal, "key": claim.key})).one_or_none()
    if row is None:
        return None
    if row.body_hash != claim.body_hash:
        raise IdempotencyKeyReused
    return Response(row.body, row.status, {**row.headers, REPLAYED: "true"})


async def _store(session: AsyncSession, claim: _Claim, answer: Response) -> None:
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    row = {
        "principal": claim.principal,
        "key": claim.key,
        "method": claim.method,
        "path": claim.path,
        "body_hash": claim.body_hash,
        "status": answer.status_code,
        "headers": json.dumps(headers),
        "body": bytes(answer.body),
    }
    await session.execute(_STORE, row)


def _is_post(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "POST")


def _fingerprint(scope: Scope, body: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in (scope["method"].encode(), scope["path"].encode(), scope["query_string"], body):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()


async def _whole_body(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the caller went away")
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replay(body: bytes) -> Receive:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive
