"""Lists: filters, order, and cursors that neither repeat nor lose a row."""

import base64
import json
import random
from datetime import date, timedelta, timezone
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from runtime.cursors import decode_cursor, encode_cursor
from runtime.problems.refusals import CursorMalformed, CursorMismatch

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(),
    st.uuids(),
    st.dates(),
    # Of fixed offsets: what a clock that is put on or back shows (PEP 495) equals nothing in another zone.
    st.datetimes(timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@pytest.fixture
async def shelf(at: Any) -> list[dict[str, Any]]:
    """Forty books, many alike in pages, some without pages, price or date."""
    chance = random.Random(7)
    rows = [
        {
            "id": uuid4(),
            "code": f"b{number:02}",
            "title": "100% 红楼梦" if number % 10 == 0 else "A tale",
            "pages": chance.choice([None, 100, 200, 300]),
            "printed_on": chance.choice([None, date(2026, 1, 1), date(2026, 2, 1)]),
            "price": chance.choice([None, Decimal("9.90"), Decimal("19.90")]),
        }
        for number in range(40)
    ]
    async with at.connect() as connection:
        await connection.execute("delete from book")
        await connection.executemany(
            "insert into book (id, code, title, pages, printed_on, price, version) values ($1, $2, $3, $4, $5, $6, 1)",
            [tuple(row.values()) for row in rows],
        )
    return rows


async def walk(client: AsyncClient, **params: Any) -> list[str]:
    codes: list[str] = []
    cursor = None
    while True:
        answer = await client.get("/v1/books", params={**params, **({"cursor": cursor} if cursor else {})})
        page = answer.json()
        codes += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return codes


async def test_pages_walk_through_every_row_once_in_order(
    client: AsyncClient, shelf: list[dict[str, Any]], at: Any
) -> None:
    for column, (sign, direction) in product(
        ("code", "pages", "printed_on", "price"), (("", "asc"), ("-", "desc"))
    ):
        async with at.connect() as connection:
            rows = await connection.fetch(
                f"select code from book order by {column} {direction}, id {direction}"
            )
        assert await walk(client, sort=sign + column, limit=7) == [row["code"] for row in rows], (
            column + direction
        )


async def test_a_row_that_comes_while_paging_moves_no_other(
    client: AsyncClient, shelf: list[dict[str, Any]]
) -> None:
    first = (await client.get("/v1/books", params={"limit": 10})).json()
    await client.post("/v1/books", json={"code": "a0", "title": "Before all"})
    second = (await client.get("/v1/books", params={"limit": 10, "cursor": first["next"]})).json()
    assert [item["code"] for item in second["items"]] == [f"b{number:02}" for number in range(10, 20)]


async def test_a_cursor_under_another_filter_or_order_is_refused(
    client: AsyncClient, shelf: list[dict[str, Any]]
) -> None:
    cursor = (await client.get("/v1/books", params={"limit": 1})).json()["next"]
    for other in ({"thicker_than": 150}, {"text": "tale"}, {"sort": "-code"}):
        answer = await client.get("/v1/books", params={"cursor": cursor, **other})
        assert answer.status_code == 400
        assert answer.json()["code"] == "cursor_mismatch"


async def test_a_made_up_cursor_is_refused(client: AsyncClient) -> None:
    for cursor in ("x", "!!!", "W10", "bnVsbA", "e30", "WyJ4Iix7fV0"):
        answer = await client.get("/v1/books", params={"cursor": cursor})
        assert answer.status_code == 400, cursor
        assert answer.json()["code"] == "cursor_malformed", cursor


@pytest.mark.parametrize("key", [7, "a\0", None, ["n", "NaN"], ["t", "2026-01-01"], True], ids=str)
async def test_a_cursor_that_was_altered_is_refused(
    client: AsyncClient, shelf: list[dict[str, Any]], key: Any
) -> None:
    cursor = (await client.get("/v1/books", params={"limit": 1})).json()["next"]
    payload = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    payload[-2] = key
    altered = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    answer = await client.get("/v1/books", params={"cursor": altered})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_malformed")


async def test_a_misspelt_filter_is_refused_rather_than_passed_over(client: AsyncClient) -> None:
    answer = await client.get("/v1/books", params={"thicker": 7, "limit": 1})
    assert answer.status_code == 422
    assert answer.json()["code"] == "parameter_unknown"
    assert answer.json()["detail"].startswith("thicker is no query parameter here; allowed: cursor, limit,")
    assert (await client.get("/v1/me", params={"x": 1})).status_code == 422


async def test_filters_and_text_search_narrow_the_list(
    client: AsyncClient, shelf: list[dict[str, Any]]
) -> None:
    thick = await walk(client, thicker_than=250)
    assert thick == [row["code"] for row in shelf if (row["pages"] or 0) > 250]
    assert await walk(client, text="红楼") == ["b00", "b10", "b20", "b30"]
    assert await walk(client, text="0% ") == ["b00", "b10", "b20", "b30"]
    assert await walk(client, text="_") == [], "a wildcard of SQL is a plain character here"


async def test_the_limit_is_coerced_and_the_total_comes_when_preferred(
    client: AsyncClient, shelf: list[dict[str, Any]]
) -> None:
    plain = (await client.get("/v1/books", params={"limit": 100_000})).json()
    assert len(plain["items"]) == 40
    assert "total" not in plain
    counted = await client.get("/v1/books", params={"limit": 3}, headers={"Prefer": "return=total-count"})
    assert counted.json()["total"] == 40


async def test_an_unknown_sort_field_names_the_known_ones(client: AsyncClient) -> None:
    answer = await client.get("/v1/books", params={"sort": "colour"})
    assert answer.json()["code"] == "sort_unknown"
    assert "code, pages, printed_on, price" in answer.json()["detail"]


@given(key=st.lists(SCALARS, min_size=1, max_size=4), text=st.text())
def test_a_cursor_gives_back_the_sort_key_that_it_was_made_of(key: list[Any], text: str) -> None:
    filters = {"text": text, "owner": UUID(int=1), "none": None}
    assert decode_cursor(encode_cursor(key, filters), filters, len(key)) == key
    assert decode_cursor(encode_cursor(key, filters), {**filters, "other": None}, len(key)) == key
    with pytest.raises(CursorMismatch):
        decode_cursor(encode_cursor(key, filters), {**filters, "other": 1}, len(key))
    with pytest.raises(CursorMalformed):
        decode_cursor(encode_cursor(key, filters), filters, len(key) + 1)
