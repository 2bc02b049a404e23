"""Reports as CSV that Excel opens rightly and safely."""

import csv
import io
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx2 import AsyncClient

from runtime.csv_export import cell


@pytest.fixture
async def report(client: AsyncClient) -> dict[str, Any]:
    await client.post("/v1/books", json={"code": "z", "title": '=HYPERLINK("http://evil")', "pages": 3})
    return {"headers": {"Accept": "text/csv"}}


async def test_a_report_comes_as_csv_by_accept_or_by_format(
    client: AsyncClient, report: dict[str, Any]
) -> None:
    by_header = await client.get("/v1/books/report", **report)
    by_query = await client.get("/v1/books/report", params={"format": "csv"})
    assert by_header.content == by_query.content
    assert by_header.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="books.csv"' in by_header.headers["content-disposition"]
    assert (await client.get("/v1/books/report")).headers["content-type"] == "application/json"


async def test_csv_has_a_byte_order_mark_and_runs_no_formula(
    client: AsyncClient, report: dict[str, Any]
) -> None:
    answer = await client.get("/v1/books/report", **report)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [
        {"code": "seed", "书名": "The first book", "pages": ""},
        {"code": "z", "书名": '\'=HYPERLINK("http://evil")', "pages": "3"},
    ]


@pytest.mark.parametrize(("value", "shown"), [("+86 10", "'+86 10"), ("@x", "'@x"), (-5, -5), ("a=b", "a=b")])
def test_only_texts_that_begin_like_a_formula_are_quoted(value: Any, shown: Any) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (datetime(2026, 7, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai")), "2026-07-01T00:00:00Z"),
        (date(2026, 7, 1), "2026-07-01"),
    ],
)
def test_truth_instants_and_days_are_written_as_in_json(value: Any, shown: str) -> None:
    assert cell(value) == shown
