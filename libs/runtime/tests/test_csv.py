"""Reports as CSV that Excel opens rightly and safely."""

import csv
import io
from typing import Any

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
