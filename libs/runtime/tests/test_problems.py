"""Every refusal is a problem (RFC 9457) in the language of its reader."""

from datetime import UTC, date, datetime
from string import Formatter
from typing import get_args
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient
from pydantic import TypeAdapter, ValidationError
from pydantic_core import core_schema

from contracts.dates import RequestDay, RequestInstant
from contracts.refusal import Refusal
from runtime.language import negotiate
from runtime.problems import catalogue, pointer
from runtime.problems.fields import CHINESE

CHINESE_READER = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}


async def test_each_bad_value_is_one_entry_with_its_pointer_rule_and_what_is_allowed(
    client: AsyncClient,
) -> None:
    answer = await client.post("/v1/books", json={"code": "", "pages": 0, "colour": "red", "title": "T"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "request_invalid"
    assert problem["instance"] == "/v1/books"
    errors = {error["pointer"]: error for error in problem["errors"]}
    assert errors.keys() == {"/code", "/pages", "/colour"}
    assert errors["/code"]["code"] == "string_too_short"
    assert errors["/pages"]["code"] == "greater_than_equal"
    assert errors["/pages"]["allowed"] == {"ge": 1}
    assert errors["/colour"]["code"] == "extra_forbidden"
    assert "red" not in answer.text, "a value may be personal and is not repeated"


async def test_the_same_entries_come_in_chinese_to_a_chinese_reader(client: AsyncClient) -> None:
    answer = await client.post(
        "/v1/books", json={"code": "", "pages": 0, "title": "T"}, headers=CHINESE_READER
    )
    assert answer.headers["content-language"] == "zh-CN"
    assert answer.json()["title"] == "请求无效"
    details = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert details == {"/code": "至少需要 1 个字符", "/pages": "必须大于或等于 1"}


@pytest.mark.parametrize(
    ("language", "detail"), [("en", "only repeats the code"), ("zh", "书名不能与编码相同")]
)
async def test_a_rule_of_a_models_own_speaks_both_languages(
    client: AsyncClient, language: str, detail: str
) -> None:
    answer = await client.post(
        "/v1/books", json={"code": "T", "title": "T"}, headers={"Accept-Language": language}
    )
    (error,) = answer.json()["errors"]
    assert error["code"] == "title_is_code"
    assert detail in error["detail"]


async def test_a_refusal_says_in_both_languages_what_would_be_allowed(client: AsyncClient) -> None:
    thick = {"code": "t", "title": "Thick", "pages": 1001}
    english = (await client.post("/v1/books", json=thick)).json()
    chinese = (await client.post("/v1/books", json=thick, headers=CHINESE_READER)).json()
    assert english["status"] == chinese["status"] == 409
    assert english["code"] == chinese["code"] == "too_many_pages"
    assert english["detail"] == "1001 pages; at most 1000 are allowed."
    assert chinese["detail"] == "共 1001 页;最多允许 1000 页。"
    assert english["errors"][0]["pointer"] == "/pages"


async def test_unknown_addresses_methods_and_records_are_problems(client: AsyncClient) -> None:
    address = await client.get("/v1/films")
    method = await client.delete("/v1/books")
    record = await client.get(f"/v1/books/{uuid4()}")
    assert [answer.json()["code"] for answer in (address, method, record)] == [
        "route_unknown",
        "method_not_allowed",
        "not_found",
    ]
    assert method.headers["allow"] == "GET, POST"
    assert "allowed: GET, POST." in method.json()["detail"]
    assert {answer.headers["content-type"] for answer in (address, method, record)} == {
        "application/problem+json"
    }


async def test_a_body_that_is_no_json_is_told_so(client: AsyncClient) -> None:
    answer = await client.post(
        "/v1/books", content=b'{"code": ', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_json"


@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": "large"}])
async def test_a_body_beyond_the_limit_is_refused(client: AsyncClient, keyed: dict[str, str]) -> None:
    headers = {"Content-Type": "application/json", **keyed}
    answer = await client.post("/v1/books", content=b" " * (32 * 1024 * 1024 + 1), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": "burn"}])
async def test_an_unforeseen_failure_tells_the_trace_and_nothing_else(
    client: AsyncClient, keyed: dict[str, str]
) -> None:
    answer = await client.post("/v1/books:burn", headers=keyed)
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert UUID(answer.json()["trace_id"]).int
    assert "张三" not in answer.text


async def test_the_callers_trace_goes_on_in_the_problem(client: AsyncClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = await client.get(
        f"/v1/books/{uuid4()}", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    )
    assert answer.json()["trace_id"] == trace


def test_every_refusal_has_both_languages_and_stands_in_the_code_list() -> None:
    listed = catalogue()
    for refusal in Refusal.all():
        for text in (refusal.en, refusal.zh, refusal.en_detail, refusal.zh_detail):
            assert text.strip(), f"{refusal.__name__} lacks a text"
        assert 400 <= refusal.status < 600
        assert any("一" <= letter <= "鿿" for letter in refusal.zh + refusal.zh_detail), refusal.__name__
        assert f"| `{refusal.code}` | {refusal.status} |" in listed


def test_both_languages_of_a_refusal_use_the_same_parameters() -> None:

    for refusal in Refusal.all():
        english, chinese = (
            {name for _, name, _, _ in Formatter().parse(text) if name}
            for text in (refusal.en_detail, refusal.zh_detail)
        )
        assert english == chinese, refusal.code


def test_the_chinese_rules_are_rules_that_pydantic_knows() -> None:
    assert set(CHINESE) <= set(get_args(core_schema.ErrorType))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en-GB,zh;q=0.8", "en"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("fr, zh;q=0.1", "zh-CN"),
        ("fr", "en"),
        ("zh;q=nonsense", "en"),
    ],
)
def test_the_best_language_of_the_header_is_spoken(header: str, language: str) -> None:
    assert negotiate(header) == language


def test_a_pointer_escapes_what_json_pointer_reserves() -> None:
    assert pointer(("items", 0, "a/b~c")) == "/items/0/a~1b~0c"
    assert pointer(()) == ""


async def test_a_wrong_path_or_query_value_says_where_it_stood(client: AsyncClient) -> None:
    path = (await client.get("/v1/books/seven")).json()["errors"][0]
    query = (await client.get("/v1/books", params={"limit": 0})).json()["errors"][0]
    assert (path["place"], path["pointer"], path["code"]) == ("path", "/book_id", "uuid_parsing")
    assert (query["place"], query["pointer"], query["allowed"]) == ("query", "/limit", {"ge": 1})


@pytest.mark.parametrize("keyed", [{}, {"Idempotency-Key": "nul"}])
async def test_the_character_that_no_database_keeps_is_refused_by_name(
    client: AsyncClient, keyed: dict[str, str]
) -> None:
    book = {"code": "t", "title": "a\0b", "pages": 3}
    one = await client.post("/v1/books", json=book, headers=keyed)
    many = await client.post(
        "/v1/books:batch", json={"items": [{**book, "title": "T"}, {**book, "no\0te": 1}]}
    )
    filtered = await client.get("/v1/books", params={"cursor": "a\0"}, headers=CHINESE_READER)
    path = await client.get("/v1/books/%00")
    said = {answer.json()["code"]: answer.status_code for answer in (one, many, filtered, path)}
    assert said == {"request_invalid": 422}
    found = [(e["place"], e["pointer"]) for a in (one, many, filtered, path) for e in a.json()["errors"]]
    assert found == [
        ("body", "/title"),
        ("body", "/items/1"),
        ("body", "/items/1/title"),
        ("query", "/cursor"),
        ("path", "/book_id"),
    ]
    assert one.json()["errors"][0]["detail"] == "The character U+0000 is not allowed"
    assert filtered.json()["errors"][0]["detail"] == "不能包含字符 U+0000"


@pytest.mark.parametrize(
    ("path", "body", "content_type", "pointers"),
    [
        ("/v1/books", b'{"code": "h", "title": "\\ud800"}', "application/json", ["/title"]),
        ("/v1/books", b'{"code": "h", "title": "T", "\\uDFFF": 1}', "application/json", [""]),
        ("/v1/books", '{"code": "h", "title": "\\u0000"}'.encode("utf-16"), "application/json", [""]),
        ("/v1/books", b"no JSON: \\u0000", "text/plain", [""]),
    ],
    ids=["half a character", "half a character in a name", "another encoding", "another content type"],
)
async def test_text_that_no_database_keeps_is_refused_in_whatever_disguise(
    client: AsyncClient, path: str, body: bytes, content_type: str, pointers: list[str]
) -> None:
    answer = await client.post(path, content=body, headers={"Content-Type": content_type, **CHINESE_READER})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


@pytest.mark.parametrize("body", [b"no JSON: \\u0000", b"[" * 100_000 + b"\\u0000"])
async def test_a_body_that_no_route_asked_for_is_passed_over(client: AsyncClient, body: bytes) -> None:
    assert (await client.request("GET", "/v1/books", content=body)).status_code == 200


async def test_both_halves_of_a_pair_are_a_character(client: AsyncClient) -> None:
    answer = await client.post("/v1/books", content=b'{"code": "pair", "title": "\\ud83d\\ude00"}',
                               headers={"Content-Type": "application/json"})  # fmt: skip
    assert (answer.status_code, answer.json()["title"]) == (201, "😀")


async def test_a_backslash_before_u0000_is_text_like_any_other(client: AsyncClient) -> None:
    answer = await client.post("/v1/books", json={"code": "slash", "title": "a\\u0000b", "pages": 3})
    assert answer.status_code == 201


DAY: TypeAdapter[date] = TypeAdapter(RequestDay)
INSTANT: TypeAdapter[datetime] = TypeAdapter(RequestInstant)


def broken(adapter: TypeAdapter[date] | TypeAdapter[datetime], value: object) -> str:
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(value)
    return refused.value.errors()[0]["type"]


@pytest.mark.parametrize("value", [0, True, 20260101, "0", "20260101", "1e5", "nan", -1, 3.5])
def test_a_number_is_no_day_and_no_instant(value: object) -> None:
    assert (broken(DAY, value), broken(INSTANT, value)) == ("date_type", "datetime_type")


def test_days_and_instants_lie_in_years_that_every_clock_can_convert() -> None:
    assert broken(DAY, "0001-01-01") == broken(INSTANT, "0001-01-01T00:00:00+14:00") == "greater_than_equal"
    assert broken(DAY, "9999-12-31") == broken(INSTANT, "9999-12-31T23:59:59-14:00") == "less_than_equal"
    assert DAY.validate_python("1900-01-01") == date(1900, 1, 1)
    assert INSTANT.validate_python("2026-01-01T09:00:00+08:00") == datetime(2026, 1, 1, 1, tzinfo=UTC)
