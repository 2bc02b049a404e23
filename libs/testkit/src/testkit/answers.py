"""What a service answered, and what it asked its database for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx2 import Response
from sqlalchemy import event

from testkit.http import Api


def said(answer: Response, status: int = 200) -> Any:
    """The JSON of an answer of the expected status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Response, status: int, code: str) -> Any:
    """The problem of a refusal."""
    problem = said(answer, status)
    assert problem["code"] == code, problem
    return problem


def ago(**time: float) -> str:
    """An instant before now, as requests take it."""
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


@contextmanager
def sent_statements(api: Api) -> Iterator[list[str]]:
    """The SQL statements that the service sends through SQLAlchemy during the block."""
    sent: list[str] = []
    engine = api.app.state.database.engine.sync_engine

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)
