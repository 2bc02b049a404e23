"""Clients at work: they send what the stories say, note each answer, and repeat what was lost under its key."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

import httpx2

from chaos.load.record import Outcome, Request, RequestLog
from chaos.load.story import Life, Step, lives

ANSWER_WITHIN = 15.0
REPEAT_WITHIN = 120.0
_PAUSE, _LONGEST_PAUSE = 0.1, 0.2
_NOT_YET = ("idempotency_key_busy", "written_meanwhile")
"""Refusals that say nothing about the request: it is sent again under its key."""
_NOT_HEARD = 404
"""A lead was converted and its opportunity is not opened yet: its client waits for it."""


class Load:
    """All clients of a run."""

    def __init__(self, addresses: Mapping[str, str], token: str, log: RequestLog, seed: int) -> None:
        self.log, self._addresses, self._seed = log, dict(addresses), seed
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_WITHIN,
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=50),
        )
        self._stopping = asyncio.Event()
        self._number = 0

    async def run(self, company: Any, clients: int, pace: float) -> None:
        """Lets so many clients live their lives until `stop`, each with `pace` seconds between two requests."""
        await asyncio.gather(*(self._live(company, client, pace) for client in range(clients)))

    def stop(self) -> None:
        """No request begins any more; those under way are seen through."""
        self._stopping.set()

    async def close(self) -> None:
        """Ends the connections."""
        await self._http.aclose()

    async def _live(self, company: Any, client: int, pace: float) -> None:
        random = Random(f"{self._seed} pace {client}")
        for life in lives(self._seed, client, company):
            await self.tell(life, pace=pace * random.uniform(0.5, 1.5))
            if self._stopping.is_set():
                return

    async def tell(self, life: Life, *, root: str | None = None, pace: float = 0.0) -> list[Request]:
        """Sends a life's requests, up to the first that did not succeed; what became of them."""
        sent: list[Request] = []
        for step in life.steps:
            if self._stopping.is_set():
                break
            request, answer = await self.send(step, root)
            sent.append(request)
            if request.outcome is not Outcome.done:
                break
            root = answer[step.opens] if step.opens else root
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pace + step.pause)
        return sent

    async def send(self, step: Step, root: str | None = None) -> tuple[Request, dict[str, Any]]:
        """Sends one request until its outcome is known, or for as long as it may be repeated."""
        self._number += 1
        trace = f"{self._seed % 2**64:016x}{self._number:016x}"
        request = Request(
            trace, step.service, step.path.format(root=root), step.makes, step.keyed, time.time()
        )
        deadline, pause, answer = time.time() + REPEAT_WITHIN, _PAUSE, None
        while True:
            answer = await self._attempt(request, step)
            if request.outcome is not Outcome.unknown or not step.keyed or time.time() > deadline:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        request.ended = time.time()
        self.log.add(request)
        return request, answer or {}

    async def _attempt(self, request: Request, step: Step) -> dict[str, Any] | None:
        headers = {"traceparent": f"00-{request.trace}-{request.trace[16:]}-01"}
        if step.keyed:
            headers["Idempotency-Key"] = request.trace
        url = self._addresses[request.service] + request.path
        try:
            answer = await self._http.post(url, json=step.body, headers=headers)
        except httpx2.HTTPError as error:
            request.attempts.append((time.time(), type(error).__name__))
            return None
        said = self._body(answer)
        code = said.get("code", "") if answer.status_code >= 400 else ""
        request.attempts.append((time.time(), f"{answer.status_code} {code}".strip()))
        if answer.status_code < 300:
            request.outcome, request.token = Outcome.done, said.get("token")
        elif answer.status_code < 500 and not self._comes_again(answer.status_code, code, step):
            request.outcome = Outcome.refused
        return said

    def _comes_again(self, status: int, code: str, step: Step) -> bool:
        return step.keyed and (code in _NOT_YET or status == _NOT_HEARD)

    def _body(self, answer: httpx2.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}
