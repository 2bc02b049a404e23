"""A reader of the feed goes on where it was, also across a service that is away."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, override

import httpx2
import pytest

import feed
from attain import following
from attain.client import ServiceError, Services
from attain.following import Asked, CursorFile, Page, pages
from attain.problems import LocalProblem
from contracts import Role
from feed.position import written
from messaging import FeedPosition
from runtime import Issuer, Service
from testkit import Database
from testkit.http import Api, serving
from testkit.ledger import create_ledger

SERVICE = Service(name="leads", title="Leads", routers=[feed.router])
WRITE = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
select 'attain-leads', 0, 'a', n, gen_random_uuid(), 'leads.lead.captured.v1', 'a', now(), now(),
       convert_to(format('{"sequence": %s}', n), 'utf8')
from generate_series($1::bigint, $2) n
"""


@pytest.fixture
async def api(database: Callable[..., Awaitable[Database]], issuer: Issuer, jwks: Path) -> AsyncIterator[Api]:
    async with serving(SERVICE, await database(create_ledger), issuer, jwks) as api:
        yield api


class Network(httpx2.AsyncBaseTransport):
    """The way to the service, which answers in its stead as often as it is told to."""

    def __init__(self, api: Api) -> None:
        self._way = httpx2.ASGITransport(api.app)
        self.instead: list[httpx2.Response | Exception] = []

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.instead:
            answer = self.instead.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return await self._way.handle_async_request(request)


class Reader:
    """Reads with a token of an integrator, and keeps what it was told."""

    def __init__(self, api: Api) -> None:
        self.network, self.told = Network(api), list[str]()
        token = api.issuer.issue("erp", Role.integrator)
        self.services = Services({"leads": "http://attain"}, token, transport=self.network)

    def pages(self, after: str | None = None, *, follow: bool = False, **asked: Any) -> AsyncIterator[Page]:
        return pages(self.services, Asked("leads", **asked), after, follow=follow, told=self.told.append)

    async def numbers(self, after: str | None = None, **asked: Any) -> tuple[list[int], str]:
        """What is read up to the end, and the cursor there."""
        found = [page async for page in self.pages(after, **asked)]
        return [event["sequence"] for page in found for event in page.events], found[-1].next


@pytest.fixture
def reader(api: Api) -> Reader:
    return Reader(api)


async def state(api: Api, first: int, last: int) -> None:
    async with api.database.connect() as connection:
        await connection.execute(WRITE, first, last)


async def test_a_replay_ends_at_the_end_and_the_next_goes_on_there(api: Api, reader: Reader) -> None:
    await state(api, 1, 7)
    numbers, cursor = await reader.numbers(limit=3)
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    await state(api, 8, 9)
    assert (await reader.numbers(cursor))[0] == [8, 9]


async def test_only_what_is_asked_for_is_read(api: Api, reader: Reader) -> None:
    await state(api, 1, 3)
    assert (await reader.numbers(types=["leads.cost", "leads.campaign"]))[0] == []
    assert (await reader.numbers(types=["leads.lead"], since="2020-01-01T00:00:00+08:00"))[0] == [1, 2, 3]


async def test_who_follows_hears_what_comes_across_a_service_that_is_away(
    api: Api, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SLOWEST_SECONDS", 0.01)
    coming = reader.pages(following.NOW, follow=True)
    assert (await anext(coming)).events == []
    reader.network.instead = [
        httpx2.ConnectError("refused"),
        httpx2.Response(503, headers={"Retry-After": "7"}, json={"code": "temporarily_unavailable"}),
        httpx2.Response(502, text="<html>"),
    ]
    await state(api, 1, 2)
    assert [event["sequence"] for event in (await anext(coming)).events] == [1, 2]
    assert len(reader.told) == 3
    assert all("Asking again" in each for each in reader.told)


async def test_a_service_that_is_away_from_the_start_is_an_error(reader: Reader) -> None:
    reader.network.instead = [httpx2.ConnectError("refused")]
    with pytest.raises(ServiceError, match="leads does not answer"):
        await reader.numbers()


async def test_a_refusal_ends_the_reading_and_says_what_to_do(api: Api, reader: Reader) -> None:
    gone = written(FeedPosition(7, "1:1:"), "leads")
    with pytest.raises(ServiceError, match=r"410 cursor_gone: Read again from the oldest fact"):
        await reader.numbers(gone)
    with pytest.raises(ServiceError, match="event_type_unknown"):
        await reader.numbers(types=["leads.led"])


def test_a_cursor_is_kept_whole(tmp_path: Path) -> None:
    kept = CursorFile(tmp_path / "cursor")
    assert kept.read() is None
    for cursor in ("one", "two"):
        kept.write(cursor)
    assert kept.read() == "two"
    assert [each.name for each in tmp_path.iterdir()] == ["cursor"]


def test_a_file_that_holds_no_cursor_is_named(tmp_path: Path) -> None:
    (tmp_path / "cursor").write_text("\n")
    with pytest.raises(LocalProblem, match="holds no cursor"):
        CursorFile(tmp_path / "cursor").read()
    with pytest.raises(LocalProblem, match="cannot be kept"):
        CursorFile(tmp_path / "missing" / "cursor").write("one")
