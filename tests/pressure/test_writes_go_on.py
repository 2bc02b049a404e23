"""Writes go on while the ledger can take them, whatever becomes of Kafka; then they are refused, none half done."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

import targets.main
from attain.parts.postgres import Postgres
from contracts import Role
from runtime import Issuer, create_app, migrate
from testkit.databases import Database, Databases
from testkit.http import Api, Migrations, serving
from testkit.servers import open_folder

SMALL = 64
"""Megabytes of the disk that is filled."""

LEFT = 128 * 1024
"""Bytes of it that are left at first."""

CHINESE = {"Accept-Language": "zh-CN"}


def unit(code: str) -> dict[str, str]:
    return {"code": code, "name": f"Unit {code}", "kind": "team", "effective_on": "2026-01-01"}


async def said(database: Database) -> list[str]:
    async with database.connect() as connection:
        rows = await connection.fetch("select code from unit where code like 'w-%' order by code")
        facts = await connection.fetch(
            "select convert_from(envelope, 'utf8')::json->'data'->>'code' as code from messaging.ledger "
            "where type = 'targets.unit.created.v1'"
        )
    assert sorted(row["code"] for row in rows) == sorted(
        fact["code"] for fact in facts if fact["code"].startswith("w-")
    ), "a row without its fact, or a fact without its row"
    return [row["code"] for row in rows]


@pytest.fixture(scope="module")
def disk(postgres: Postgres) -> Iterator[Path]:
    """A small disk of its own for the tables of a database; the server's log and others' tables lie elsewhere."""
    with open_folder() as folder:
        mounted = folder / "disk"
        mounted.mkdir()
        mount = shutil.which("mount")
        size = ["-t", "tmpfs", "-o", f"size={SMALL}m", "tmpfs", str(mounted)]
        if not mount or os.geteuid() or subprocess.run([mount, *size], check=False).returncode:
            pytest.skip("a small disk of its own takes root on Linux, and the right to mount")
        try:
            tables = mounted / "tables"
            tables.mkdir()
            owner = postgres.data.stat()
            for each in (mounted, tables):
                os.chown(each, owner.st_uid, owner.st_gid)
            yield mounted
        finally:
            subprocess.run(["umount", "--lazy", str(mounted)], check=True)


@pytest.fixture
async def small(disk: Path, postgres: Postgres) -> AsyncIterator[Database]:
    """The targets service's database on the small disk."""
    server = Database("postgres", postgres.url("postgres"), postgres.url("postgres", driver="postgresql"))
    database = Database("small", postgres.url("small"), postgres.url("small", driver="postgresql"))
    async with server.connect() as connection:
        await connection.execute(f"create tablespace small location '{disk / 'tables'}'")
        await connection.execute("create database small template template0 tablespace small")
        try:
            await migrate(targets.main.service, targets.main.service.settings(database_url=database.url))
            yield database
        finally:
            (disk / "ballast").unlink(missing_ok=True)
            await connection.execute("drop database small with (force)")
            await connection.execute("drop tablespace small")


def fill(disk: Path) -> Path:
    """Leaves room for a few writes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(ballast, ballast.stat().st_size - LEFT)
    return ballast


async def write_until_refused(client: AsyncClient, start: int) -> tuple[list[str], Response]:
    taken: list[str] = []
    for number in range(start, start + 2_000):
        code = f"w-{number:05}"
        answer = await client.post("/v1/units", json=unit(code))
        if answer.status_code != 201:
            return taken, answer
        taken.append(code)
    raise AssertionError("the disk was never full")


async def test_a_full_disk_refuses_writes_keeps_reads_and_is_over_when_there_is_room(
    small: Database, disk: Path, issuer: Issuer, jwks: Path
) -> None:
    async with serving(targets.main.service, small, issuer, jwks) as api:
        client = api.client(Role.operations, "operations")
        assert (await client.post("/v1/units", json=unit("w-00000"))).status_code == 201
        ballast = fill(disk)
        taken, answer = await write_until_refused(client, 1)
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_full"), answer.text
        assert len(taken) > 10, "writes went on while there was room"
        assert answer.headers["retry-after"] == "30"
        keyed = {"Idempotency-Key": "again"}
        chinese = await client.post("/v1/units", json=unit("w-again"), headers=CHINESE | keyed)
        assert (chinese.status_code, chinese.json()["title"]) == (503, "存储空间已满,无法写入")
        rows = [unit(f"w-batch-{n}") for n in range(500)]
        assert (await client.post("/v1/units:batch", json={"items": rows})).status_code == 503
        assert (await client.get("/v1/units", params={"text": "w-00000"})).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert await said(small) == ["w-00000", *taken], "what was answered, and nothing else"
        ballast.unlink()
        assert (await client.post("/v1/units", json=unit("w-again"), headers=keyed)).status_code == 201
        assert (await client.post("/v1/units:batch", json={"items": rows})).json()["succeeded"] == 500
        assert len(await said(small)) == len(taken) + 502


async def test_no_write_fails_while_kafka_is_away(
    databases: Databases, migrations: Migrations, issuer: Issuer, jwks: Path
) -> None:
    service = targets.main.service
    database = await databases.clone(migrations.of(service))
    settings = service.settings(
        database_url=database.url, database_pool_size=5, jwks=str(jwks), kafka_bootstrap="127.0.0.1:1"
    )
    app = create_app(service, settings, workers=True)
    async with app.router.lifespan_context(app):
        client = Api(app, database, issuer).client(Role.operations, "operations")
        answers = [await client.post("/v1/units", json=unit(f"w-{number:05}")) for number in range(50)]
        assert {answer.status_code for answer in answers} == {201}
        assert len(await said(database)) == 50
        assert not app.state.crew.died, "the relay tries on"
