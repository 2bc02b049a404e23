"""Sends the made-up company to the services in bulk: several requests at once, each under a key of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from attain.client import ServiceError, Services

BATCH = 500
LANES = 4
"""How many requests are under way at once: the services answer one while the database works on another."""

Told = Callable[[str, int, int], None]
"""Hears of progress: of what, how many are done, of how many."""

Row = dict[str, Any]


class PlayRefused(ServiceError):
    """A service refused a row of the company; its rules and the company no longer agree."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where rows go: a service's bulk route."""

    service: str
    path: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what is played. Every request carries an `Idempotency-Key` made from `name` and what is sent, so that a
    play which broke off goes on where it stopped."""

    services: Services
    name: str
    told: Told

    async def post(self, service: str, path: str, what: str, body: Any) -> Any:
        """The answer to one request."""
        headers = {"Idempotency-Key": f"{self.name} {what}"}
        return (await self.services.request("POST", service, path, json=body, headers=headers)).json()

    async def put(self, service: str, path: str, body: Any) -> Any:
        """The answer to one request that defines something, which may be sent again anyway."""
        return (await self.services.request("PUT", service, path, json=body)).json()

    async def rows(self, route: Route, what: str, rows: Sequence[Row], *, lanes: int = LANES) -> list[str]:
        """Sends rows that do not depend on each other's order, unless `lanes` is 1; their ids, in order."""
        answers = await self.lives(route, what, [[row] for row in rows], lanes=lanes)
        return [item["id"] for [item] in answers]

    async def lives(
        self, route: Route, what: str, lives: Sequence[Sequence[Row]], *, lanes: int = LANES
    ) -> list[list[Row]]:
        """Sends the rows of many records, each record's in their order; the answers in the same form.

        A record keeps to one lane, whose requests follow each other. Raises `PlayRefused` for the first refused row.
        """
        done, total = 0, sum(map(len, lives))

        async def lane(number: int) -> list[Row]:
            nonlocal done
            answers: list[Row] = []
            rows = [row for life in lives[number::lanes] for row in life]
            for chunk_number, chunk in enumerate(batched(rows, BATCH)):
                answers += await self._chunk(route, f"{what} {number}.{chunk_number}", list(chunk))
                done += len(chunk)
                self.told(what, done, total)
            return answers

        rests = [iter(answers) for answers in await _together(map(lane, range(lanes)))]
        return [[next(rests[place % lanes]) for _ in life] for place, life in enumerate(lives)]

    async def each[T](self, what: str, asked: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
        """Does many requests, some at once; the answers in order."""
        todo, turn, done = list(asked), asyncio.Semaphore(LANES), 0

        async def one(request: Callable[[], Awaitable[T]]) -> T:
            nonlocal done
            async with turn:
                answer = await request()
            done += 1
            self.told(what, done, len(todo))
            return answer

        return await _together(map(one, todo))

    async def _chunk(self, route: Route, what: str, rows: list[Row]) -> list[Row]:
        answer = await self.post(route.service, route.path, what, {"items": rows})
        for row, item in zip(rows, answer["items"], strict=True):
            if problem := item.get("problem"):
                raise PlayRefused(f"{route.path} refused {row}: {problem}")
        return list(answer["items"])


async def _together[T](work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order. The first failure ends the rest and is raised as it is, for a person to read."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]
