"""A log line tells what failed and where, and quotes no value."""

from decimal import Decimal
from typing import Any

import asyncpg
import pytest
import structlog
from fastapi.exceptions import ResponseValidationError
from pydantic import TypeAdapter

from runtime.logs import configure_logs
from testkit import Database

NAME = "".join(("张", "三"))  # a traceback shows the line, and it is the value that must not be there


async def _wrong_argument(connection: asyncpg.Connection) -> None:
    await connection.fetch("select $1::int", NAME)


async def _wrong_text(connection: asyncpg.Connection) -> None:
    await connection.fetch("select cast($1::text as uuid)", NAME)


async def _wrong_model(_connection: asyncpg.Connection) -> None:
    TypeAdapter(Decimal).validate_python({"name": NAME, "phones": [NAME]})


async def _wrong_answer(_connection: asyncpg.Connection) -> None:
    raise ResponseValidationError([{"type": "missing", "loc": ("id",), "msg": "m", "input": {"name": NAME}}])


@pytest.mark.parametrize("fail", [_wrong_argument, _wrong_text, _wrong_model, _wrong_answer])
async def test_the_traceback_of_a_failure_quotes_no_value(
    database: Any, capsys: pytest.CaptureFixture[str], fail: Any
) -> None:
    configure_logs("books", "INFO")
    at: Database = await database()
    async with at.connect() as connection:
        try:
            await fail(connection)
        except Exception as failure:
            structlog.get_logger("here").error("request failed", exc_info=failure)
    logged = capsys.readouterr().out
    assert "Traceback" in logged
    assert fail.__name__ in logged
    assert NAME not in logged
