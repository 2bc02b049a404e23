"""A service as a process: starting, being watched, stopping, dying."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, ConnectError

from runtime import Settings
from testkit import eventually


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def process(
    settings: Settings, *arguments: str, **env: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m books …`, killed at the end if it still runs."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "books",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parent / "example"),
            "ATTAIN_DATABASE_URL": settings.database_url,
            "ATTAIN_JWKS": str(settings.jwks),
            "ATTAIN_HTTP_PORT": str(settings.http_port),
            **env,
        },
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def status(client: AsyncClient, path: str) -> int:
    try:
        return (await client.get(path)).status_code
    except ConnectError:
        return 0


async def ready(client: AsyncClient) -> None:
    assert await status(client, "/readyz") == 200, "not ready"


def lines(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.decode().splitlines()]


async def test_a_process_serves_until_it_is_told_to_stop_and_logs_json(
    settings: Settings, token: Callable[..., str]
) -> None:
    settings = settings.model_copy(update={"http_port": free_port()})
    async with (
        process(settings, "serve", "--role", "all") as running,
        AsyncClient(base_url=f"http://127.0.0.1:{settings.http_port}") as client,
    ):
        await eventually(lambda: ready(client))
        trace = "0af7651916cd43dd8448eb211c80319c"
        headers = {
            "Authorization": f"Bearer {token()}",
            "traceparent": f"00-{trace}-b7ad6b7169203331-01",
        }
        answer = await client.get("/v1/books", params={"text": "张三"}, headers=headers)
        assert answer.status_code == 200
        running.send_signal(signal.SIGTERM)
        output, errors = await asyncio.wait_for(running.communicate(), 15)
    assert running.returncode == 0
    assert errors == b""
    logged = lines(output)
    request = next(line for line in logged if line["message"] == "request")
    assert (request["route"], request["status"], request["role"]) == ("/v1/books", 200, "operations")
    assert (request["trace_id"], request["service"]) == (trace, "books")
    assert "张三".encode() not in output, "what somebody searches for may be a name"
    assert any(line["logger"] == "uvicorn.error" for line in logged)
    assert logged[-1]["message"] == "stopped"


async def test_a_request_under_way_is_finished_before_the_process_stops(
    settings: Settings, at: Any, token: Callable[..., str]
) -> None:
    settings = settings.model_copy(update={"http_port": free_port()})
    headers = {"Authorization": f"Bearer {token()}"}
    async with (
        process(settings, "serve", "--role", "api") as running,
        AsyncClient(base_url=f"http://127.0.0.1:{settings.http_port}", headers=headers) as client,
        at.connect() as outside,
    ):
        await eventually(lambda: ready(client))
        async with outside.transaction():
            await outside.execute("lock table book in access exclusive mode")
            request = asyncio.create_task(client.get("/v1/books"))

            async def waiting() -> None:
                assert await outside.fetchval("select count(*) from pg_locks where not granted"), (
                    "nobody waits"
                )

            await eventually(waiting)
            running.send_signal(signal.SIGTERM)
        assert (await request).status_code == 200
        await asyncio.wait_for(running.wait(), 15)
    assert running.returncode == 0


async def test_a_worker_that_dies_takes_the_process_down_with_a_clear_log(settings: Settings) -> None:
    settings = settings.model_copy(update={"http_port": free_port()})
    async with process(settings, "serve", "--role", "worker", BOOKS_READER="dies") as running:
        output, _ = await asyncio.wait_for(running.communicate(), 15)
    assert running.returncode == 70
    death = next(line for line in lines(output) if line["level"] == "critical")
    assert (death["message"], death["worker"]) == ("a worker died; the process stops", "reader")
    assert "the reader fell asleep" in death["exception"]


async def test_a_wrong_setting_is_named_and_nothing_starts(settings: Settings) -> None:
    async with process(settings, "serve", ATTAIN_ENVIRONMENT="production") as running:
        _, errors = await asyncio.wait_for(running.communicate(), 15)
    assert running.returncode == 78
    assert "ATTAIN_TOKEN_ISSUER is the development issuer" in errors.decode()


async def test_two_migrators_at_once_migrate_once_and_seed_once(settings: Settings, database: Any) -> None:
    empty = await database()
    settings = settings.model_copy(update={"database_url": empty.url})
    async with process(settings, "migrate") as one, process(settings, "migrate") as other:
        for running in (one, other):
            output, errors = await asyncio.wait_for(running.communicate(), 30)
            assert running.returncode == 0, (output + errors).decode()
    async with empty.connect() as outside:
        assert await outside.fetchval("select array_agg(version_num) from alembic_version") == ["0001"]
        assert await outside.fetchval("select count(*) from book where code = 'seed'") == 1


async def test_the_openapi_document_is_printed_without_a_database(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"database_url": "postgresql+asyncpg://127.0.0.1:1/none"})
    async with process(nowhere, "openapi") as running:
        output, _ = await asyncio.wait_for(running.communicate(), 15)
    assert "/v1/books" in json.loads(output)["paths"]


async def test_a_worker_process_has_health_but_no_api(serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(workers=True, api=False) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/v1/books")).status_code == 404


async def test_a_stuck_worker_or_a_lost_database_is_not_ready_but_alive(
    serving: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKS_READER", "hangs")
    async with serving(workers=True) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["stalled_workers"] == {"reader": "page 7 for 60 s"}
        assert (
            'attain_worker_stalled{service="books",worker="reader"} 1.0'
            in (await client.get("/metrics")).text
        )
    away = settings.model_copy(update={"database_url": "postgresql+asyncpg://127.0.0.1:1/none"})
    async with serving(settings_=away) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/v1/books")).json()["code"] == "temporarily_unavailable"


async def test_requests_are_counted_by_route_and_not_by_address(client: AsyncClient) -> None:
    await client.get("/v1/books/0199d1a2-0000-7000-8000-000000000001")
    text = (await client.get("/metrics")).text
    counted = (
        'attain_http_requests_total{method="GET",route="/v1/books/{book_id}",service="books",status="404"}'
    )
    assert counted in text


async def test_a_browser_of_an_allowed_origin_may_read_the_headers(serving: Any, settings: Settings) -> None:
    allowed = settings.model_copy(update={"cors_origins": ["https://app.example"]})
    async with serving(settings_=allowed) as client:
        answer = await client.post("/v1/books:burn", headers={"Origin": "https://app.example"})
        assert answer.status_code == 500
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        exposed = answer.headers["access-control-expose-headers"]
        assert {"ETag", "Location", "Link", "Retry-After"} <= set(exposed.split(", "))
        stranger = await client.get("/v1/me", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
