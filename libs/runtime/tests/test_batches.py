"""Many rows in one request: each has its own result, and a bad one stops no other."""

from typing import Any

from httpx2 import AsyncClient

ROWS = [
    {"code": "x1", "title": "Good"},
    {"code": "x2", "title": "Thick", "pages": 2000},
    {"code": "x3"},
    {"code": "x4", "title": "Good too", "pages": 12},
]


async def test_good_rows_are_kept_and_bad_rows_say_why(client: AsyncClient, at: Any) -> None:
    answer = await client.post("/v1/books:batch", json={"items": ROWS})
    assert answer.status_code == 207
    results = answer.json()["items"]
    assert [(row["index"], row["status"]) for row in results] == [(0, 201), (1, 409), (2, 422), (3, 201)]
    assert results[0]["version"] == 1
    assert results[1]["problem"]["code"] == "too_many_pages"
    assert results[2]["problem"]["errors"][0]["pointer"] == "/title"
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (2, 2)
    async with at.connect() as outside:
        kept = await outside.fetch("select code from book where code like 'x%' order by code")
    assert [row["code"] for row in kept] == ["x1", "x4"]


async def test_a_trial_answers_the_same_and_keeps_nothing(client: AsyncClient, at: Any) -> None:
    trial = await client.post("/v1/books:batch", params={"validate_only": "true"}, json={"items": ROWS})
    assert [row["status"] for row in trial.json()["items"]] == [201, 409, 422, 201]
    async with at.connect() as outside:
        assert await outside.fetchval("select count(*) from book where code like 'x%'") == 0


async def test_a_trial_finds_what_only_the_database_refuses(client: AsyncClient) -> None:
    twice = {"items": [{"code": "seed", "title": "Taken"}]}
    answer = await client.post("/v1/books:batch", params={"validate_only": "true"}, json=twice)
    assert answer.json()["code"] == "written_meanwhile"


async def test_problems_of_rows_come_in_the_readers_language(client: AsyncClient) -> None:
    answer = await client.post("/v1/books:batch", json={"items": ROWS}, headers={"Accept-Language": "zh-CN"})
    problems = [row["problem"] for row in answer.json()["items"] if row["problem"]]
    assert problems[0]["detail"] == "共 2000 页;最多允许 1000 页。"
    assert problems[1]["errors"][0]["detail"] == "缺少必填项"


async def test_an_empty_or_overlong_batch_is_refused_whole(client: AsyncClient) -> None:
    empty = await client.post("/v1/books:batch", json={"items": []})
    overlong = await client.post("/v1/books:batch", json={"items": [ROWS[0]] * 1001})
    assert [empty.status_code, overlong.status_code] == [422, 422]
    assert overlong.json()["errors"][0]["allowed"]["max_length"] == 1000
