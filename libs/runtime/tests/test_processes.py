"""A service as a process: starting, being watched, stopping, dying."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, ConnectError
from sqlalchemy.exc import DBAPIError

from runtime import Service, Settings, migrate, migrations, run
from testkit import eventually
from testkit.servers import free_port


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


async def test_a_stopped_process_finishes_what_it_began_and_its_log_is_json_without_values(
    settings: Settings, at: Any, token: Callable[..., str]
) -> None:
    settings = settings.model_copy(update={"http_port": free_port()})
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"Authorization": f"Bearer {token()}", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    async with (
        process(settings, "serve", "--role", "all") as running,
        AsyncClient(base_url=f"http://127.0.0.1:{settings.http_port}", headers=headers) as client,
        at.connect() as outside,
    ):
        await eventually(lambda: ready(client), timeout=60)
        orphan = {"code": "o", "title": "Orphan", "author_id": "0199d1a2-0000-7000-8000-00000000dead"}
        assert (await client.post("/v1/books", json=orphan)).status_code == 500
        async with outside.transaction():
            await outside.execute("lock table book in access exclusive mode")
            request = asyncio.create_task(client.get("/v1/books", params={"text": "张三"}))
            await eventually(lambda: somebody_waits(outside))
            running.send_signal(signal.SIGTERM)
        assert (await request).status_code == 200
        output, errors = await asyncio.wait_for(running.communicate(), 60)
    assert (running.returncode, errors) == (0, b"")
    logged = lines(output)
    answered = next(line for line in logged if line["message"] == "request" and line["status"] == 200)
    assert (answered["route"], answered["role"], answered["service"]) == ("/v1/books", "operations", "books")
    assert answered["trace_id"] == trace
    assert any("ForeignKeyViolation" in line.get("exception", "") for line in logged)
    assert b"dead" not in output, "the values of a row may be personal"
    assert "张三" not in output.decode(), "what somebody searches for may be a name"
    assert any(line["logger"] == "uvicorn.error" for line in logged)
    assert logged[-1]["message"] == "stopped"


async def somebody_waits(connection: Any) -> None:
    assert await connection.fetchval("select count(*) from pg_locks where not granted"), "nobody waits"


async def test_a_worker_that_dies_takes_the_process_down_with_a_clear_log(settings: Settings) -> None:
    settings = settings.model_copy(update={"http_port": free_port()})
    async with process(settings, "serve", "--role", "worker", BOOKS_READER="dies") as running:
        output, _ = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 70
    death = next(line for line in lines(output) if line["level"] == "critical")
    assert (death["message"], death["worker"]) == ("a worker died; the process stops", "reader")
    assert "the reader fell asleep" in death["exception"]


def command(service: Any, *arguments: str) -> int:
    """The exit status of `python -m books …` in this process."""
    with pytest.raises(SystemExit) as ended:
        run(service, arguments)
    return int(str(ended.value.code))


def test_a_wrong_setting_is_named_and_nothing_starts(
    books: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTAIN_ENVIRONMENT", "production")
    monkeypatch.setenv("ATTAIN_HTTP_PORT", "many")
    assert command(books.service, "serve") == 78
    assert "ATTAIN_HTTP_PORT: Input should be a valid integer" in capsys.readouterr().err
    monkeypatch.delenv("ATTAIN_HTTP_PORT")
    assert command(books.service, "serve") == 78
    assert "ATTAIN_TOKEN_ISSUER is the development issuer" in capsys.readouterr().err


def test_a_list_that_is_no_json_is_named_too(
    books: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTAIN_CORS_ORIGINS", "https://app.example")
    assert command(books.service, "serve") == 78
    assert "cors_origins" in capsys.readouterr().err


def test_the_openapi_document_is_printed_without_a_database(
    books: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(books.service, "openapi") == 0
    assert "/v1/books" in json.loads(capsys.readouterr().out)["paths"]


async def test_two_migrators_at_once_migrate_once_and_seed_once(
    books: Any, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = await database()
    monkeypatch.setenv("ATTAIN_DATABASE_URL", empty.url)
    migrators = (asyncio.to_thread(command, books.service, "migrate") for _ in range(2))
    assert await asyncio.gather(*migrators) == [0, 0]
    async with empty.connect() as outside:
        assert await outside.fetchval("select array_agg(version_num) from alembic_version") == ["0001"]
        assert await outside.fetchval("select count(*) from book where code = 'seed'") == 1


async def test_a_migration_that_cannot_have_its_lock_gives_up(
    at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "50ms")
    blocked = Service(name="books", title="Books", migrations="books.blocked")
    async with at.connect() as outside, outside.transaction():
        await outside.execute("lock table book in access share mode")
        with pytest.raises(DBAPIError, match="lock timeout"):
            await migrate(blocked, Settings(database_url=at.url))
    await migrate(blocked, Settings(database_url=at.url))


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


async def test_made_up_methods_are_counted_together(client: AsyncClient) -> None:
    for method in ("BREW", "WHEN"):
        assert (await client.request(method, "/v1/books")).status_code == 405
    text = (await client.get("/metrics")).text
    assert 'method="other",route="/v1/books",service="books",status="405"' in text
    assert "BREW" not in text


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


def test_a_process_starts_without_what_only_others_need() -> None:
    others = "alembic", "opentelemetry.sdk", "opentelemetry.exporter", "rich"
    asked = f"import sys, runtime; print([name for name in {others} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
