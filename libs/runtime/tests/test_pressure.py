"""A process that is asked for more than it, or its database, can bear says so, and bears on."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response

from runtime import Settings, request_log
from runtime import database as databases
from runtime.problems.failures import refusal_of
from runtime.problems.refusals import StorageFull, TemporarilyUnavailable

CHINESE = {"Accept-Language": "zh-CN"}


def refused(answer: Response, code: str, *, after: str = "1") -> Any:
    assert (answer.status_code, answer.json().get("code")) == (503, code), answer.text
    assert answer.headers["retry-after"] == after
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def book(code: str, **more: Any) -> dict[str, Any]:
    return {"json": {"code": code, "title": f"Book {code}", **more}}


def patient(settings: Settings, **chosen: Any) -> Settings:
    return settings.model_copy(update=chosen)


async def test_requests_beyond_the_limit_are_refused_and_health_is_not(
    serving: Any, settings: Settings, slow: Any
) -> None:
    async with serving(settings_=patient(settings, concurrent_requests=1)) as client:
        running = asyncio.create_task(client.post("/v1/books:slow", **book("a")))
        await slow.entered.wait()
        english = refused(await client.get("/v1/books"), "overloaded")
        chinese = refused(await client.post("/v1/books", **book("b"), headers=CHINESE), "overloaded")
        assert (english["title"], chinese["title"]) == (
            "The service has as many requests as it can work on",
            "请求过多,服务暂时无法接受新请求",
        )
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        slow.leave.set()
        assert (await running).status_code == 200
        assert (await client.post("/v1/books", **book("b"))).status_code == 201


@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": "second"}])
async def test_bodies_take_up_no_more_than_a_process_has_for_them(
    client: AsyncClient, slow: Any, monkeypatch: pytest.MonkeyPatch, keyed: dict[str, str]
) -> None:
    monkeypatch.setattr(request_log, "BODIES_MOST", 1_500)
    running = asyncio.create_task(client.post("/v1/books:slow", **book("a" * 20, title="x" * 900)))
    await slow.entered.wait()
    refused(await client.post("/v1/books", **book("b", title="y" * 900), headers=keyed), "overloaded")
    assert (await client.post("/v1/books", **book("c"))).status_code == 201, "a small one has room"
    slow.leave.set()
    assert (await running).status_code == 200
    again = await client.post("/v1/books", **book("b", title="y" * 900), headers=keyed)
    assert again.status_code == 201, "what was refused is not held"


async def test_who_waits_too_long_for_a_connection_is_told_to_come_again(
    serving: Any, settings: Settings, slow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "WAIT_SECONDS", 0.05)
    async with serving(settings_=patient(settings, database_pool_size=1)) as client:
        running = asyncio.create_task(client.post("/v1/books:slow", **book("a")))
        await slow.entered.wait()
        answers = await asyncio.gather(
            *(client.post("/v1/books", **book(f"b{n}"), headers=CHINESE) for n in range(20)),
            client.post("/v1/books", **book("k"), headers=CHINESE | {"Idempotency-Key": "k"}),
        )
        for answer in answers:
            assert refused(answer, "temporarily_unavailable")["title"] == "服务暂时无法响应"
        slow.leave.set()
        assert (await running).status_code == 200
        assert (await client.post("/v1/books", **book("b0"))).status_code == 201


async def test_a_write_that_waits_too_long_for_a_lock_is_given_up_and_may_be_repeated(
    serving: Any, settings: Settings, at: Any
) -> None:
    impatient = patient(settings, database_pool_size=1, write_timeout_seconds=0.1)
    async with serving(settings_=impatient) as client, at.connect() as outside:
        made = (await client.post("/v1/books", **book("a"))).json()
        change = {"json": {"pages": 7}, "headers": {"If-Match": '"1"'}}
        async with outside.transaction():
            await outside.execute("select from book where code = 'a' for update")
            refused(await client.patch(f"/v1/books/{made['id']}", **change), "temporarily_unavailable")
        assert (await client.patch(f"/v1/books/{made['id']}", **change)).status_code == 200


@contextmanager
def suspended(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_database_that_does_not_answer_at_all_holds_nobody_for_ever(
    serving: Any, settings: Settings, at: Any, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The one connection of the pool is frozen, as by a network that drops it in silence."""
    monkeypatch.setattr(databases, "SILENT_SECONDS", 0.2)
    impatient = patient(
        settings, database_pool_size=1, write_timeout_seconds=0.1, statement_timeout_seconds=0.1
    )
    async with serving(settings_=impatient) as client, at.connect() as outside:
        assert (await client.post("/v1/books", **book("a"))).status_code == 201
        backend = await outside.fetchval(
            "select pid from pg_stat_activity where application_name = 'attain-books'"
        )
        with suspended(backend):
            body = book("b") if method == "post" else {}
            asked = client.request(method, "/v1/books", **body)
            refused(await asyncio.wait_for(asked, 20), "temporarily_unavailable")
        assert (await client.post("/v1/books", **book("c"))).status_code == 201
        assert (await client.get("/v1/books")).status_code == 200


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("53100", StorageFull),
        ("53000", TemporarilyUnavailable),
        ("53200", TemporarilyUnavailable),
        ("53300", TemporarilyUnavailable),
        ("57014", TemporarilyUnavailable),
        ("57P03", TemporarilyUnavailable),
        ("58030", TemporarilyUnavailable),
        ("08006", TemporarilyUnavailable),
    ],
)
def test_what_passes_by_itself_is_no_error_of_the_service(state: str, refusal: type) -> None:
    assert type(refusal_of(asyncpg.PostgresError.new({"C": state, "M": "x"}))) is refusal


@pytest.mark.parametrize(
    "failure",
    [OSError("Multiple exceptions: [Errno 111], [Errno 111]"), TimeoutError(), ConnectionResetError()],
)
def test_a_database_that_cannot_be_reached_passes_by_itself(failure: Exception) -> None:
    assert type(refusal_of(failure)) is TemporarilyUnavailable
