"""A company of any size is played in requests that the services take."""

from datetime import date
from typing import Any
from unittest.mock import Mock

import httpx2
import pytest

from attain.client import Services
from attain.company import play
from attain.company.plan import make_company
from runtime.batch import LARGEST_BATCH

LAST_DAY = date(2026, 11, 22)


class Listening(Services):
    """Services that take everything and remember how many rows each request had."""

    def __init__(self) -> None:
        super().__init__({}, "no token")
        self.rows: list[int] = []

    async def request(self, method: str, service: str, path: str, **given: Any) -> httpx2.Response:
        items = given["json"].get("items", [])
        self.rows.append(len(items))
        answer = {"id": "one", "parts": [], "items": [{"id": str(n)} for n, _ in enumerate(items)]}
        return Mock(json=lambda: answer)


async def test_no_request_has_more_rows_than_a_batch_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    assert play.BATCH <= LARGEST_BATCH
    monkeypatch.setattr(play, "BATCH", 9)
    company = make_company(opportunities=60, seed=7, last_day=LAST_DAY)
    services = Listening()
    await play.Player(services, company, "any size", lambda what, done, total: None).play()
    assert max(services.rows) == 9
