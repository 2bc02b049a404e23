"""A PostgreSQL of one's own: made once, found again, usable after its password was lost."""

import os
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from attain.parts.postgres import Postgres, running_server
from testkit.servers import free_port, open_folder, running


async def test_a_server_is_found_by_its_data_folder(postgres: Postgres) -> None:
    found = running_server(postgres.data)
    assert found
    connection = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
    try:
        assert await connection.fetchval("show data_directory") == str(postgres.data)
        assert await connection.fetchval("select pg_backend_pid()") in [
            child.pid for child in found.children()
        ]
    finally:
        await connection.close()


async def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://attain:wrong@127.0.0.1:{postgres.port}/postgres")


async def test_a_lost_password_is_replaced_and_the_data_remain(postgres: Postgres) -> None:
    with open_folder() as folder:
        first = Postgres(postgres.installed, folder / "data", free_port(), "lost", postgres.settings)
        first.create()
        later = replace(first, password="it's new")
        later.reset_password()
        later.create()
        with running(later.command(), folder):
            connection = await asyncpg.connect(later.url("postgres", driver="postgresql"))
            await connection.close()
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(first.url("postgres", driver="postgresql"))


def test_a_data_folder_whose_server_is_gone_has_none_running(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n1\n5432\n\n127.0.0.1\n\nready\n")
    assert running_server(tmp_path) is None
