"""A repeated POST does its work once and answers the same."""

import asyncio
from typing import Any

from httpx2 import AsyncClient

from contracts.roles import Role

BOOK = {"code": "i", "title": "Once"}
KEY = {"Idempotency-Key": "0199d1a2-once"}


async def test_a_repeat_gets_the_same_answer_and_does_nothing(client: AsyncClient, at: Any) -> None:
    first = await client.post("/v1/books", json=BOOK, headers=KEY)
    again = await client.post("/v1/books", json=BOOK, headers=KEY)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["x-shelf"] == again.headers["x-shelf"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    async with at.connect() as outside:
        assert await outside.fetchval("select count(*) from book where code = 'i'") == 1


async def test_another_body_or_address_under_the_key_is_refused(client: AsyncClient) -> None:
    await client.post("/v1/books", json=BOOK, headers=KEY)
    body = await client.post("/v1/books", json={**BOOK, "code": "j"}, headers=KEY)
    address = await client.post("/v1/books:slow", json=BOOK, headers=KEY)
    assert [body.status_code, address.status_code] == [422, 422]
    assert body.json()["code"] == "idempotency_key_reused"


async def test_a_request_while_the_first_runs_is_told_to_come_back(client: AsyncClient, slow: Any) -> None:
    running = asyncio.create_task(client.post("/v1/books:slow", json=BOOK, headers=KEY))
    await slow.entered.wait()
    async with asyncio.timeout(10):
        meanwhile = await client.post("/v1/books:slow", json=BOOK, headers=KEY)
    assert meanwhile.status_code == 409
    assert meanwhile.json()["code"] == "idempotency_key_busy"
    assert meanwhile.headers["retry-after"] == "1"
    slow.leave.set()
    first = await running
    assert first.status_code == 200
    assert (await client.post("/v1/books:slow", json=BOOK, headers=KEY)).content == first.content


async def test_the_answer_is_stored_with_the_work_or_not_at_all(client: AsyncClient, at: Any) -> None:
    orphan = {**BOOK, "author_id": "0199d1a2-0000-7000-8000-00000000dead"}
    assert (await client.post("/v1/books", json=orphan, headers=KEY)).status_code == 500
    async with at.connect() as outside:
        assert await outside.fetchval("select count(*) from runtime.idempotency") == 0
        await outside.execute("insert into author (id) values ('0199d1a2-0000-7000-8000-00000000dead')")
    assert (await client.post("/v1/books", json=orphan, headers=KEY)).status_code == 201


async def test_work_whose_answer_cannot_be_kept_is_not_done(client: AsyncClient, at: Any) -> None:
    async with at.connect() as outside:
        await outside.execute("alter table runtime.idempotency add constraint closed check (key is null)")
        assert (await client.post("/v1/books", json=BOOK, headers=KEY)).status_code == 500
        assert await outside.fetchval("select count(*) from book where code = 'i'") == 0
        await outside.execute("alter table runtime.idempotency drop constraint closed")
    assert (await client.post("/v1/books", json=BOOK, headers=KEY)).status_code == 201


async def test_a_refused_request_may_be_sent_again_under_its_key(client: AsyncClient) -> None:
    thick = {**BOOK, "pages": 1001}
    assert (await client.post("/v1/books", json=thick, headers=KEY)).status_code == 409
    assert (await client.post("/v1/books", json=BOOK, headers=KEY)).status_code == 201


async def test_keys_of_two_callers_do_not_meet(client: AsyncClient, token: Any) -> None:
    other = {**KEY, "Authorization": f"Bearer {token(Role.director, 'somebody-else')}"}
    assert (await client.post("/v1/books", json=BOOK, headers=KEY)).status_code == 201
    answer = await client.post("/v1/books", json={**BOOK, "code": "k"}, headers=other)
    assert answer.status_code == 201


async def test_a_key_opens_nothing_without_a_token(client: AsyncClient) -> None:
    await client.post("/v1/books", json=BOOK, headers=KEY)
    answer = await client.post("/v1/books", json=BOOK, headers={**KEY, "Authorization": ""})
    assert answer.status_code == 401


async def test_a_malformed_key_is_refused(client: AsyncClient) -> None:
    for key in ("", "x" * 256, "a\tb"):
        answer = await client.post("/v1/books", json=BOOK, headers={"Idempotency-Key": key})
        assert answer.status_code == 400, key
        assert answer.json()["code"] == "idempotency_key_malformed"


async def test_batches_are_stored_and_trials_are_not(client: AsyncClient, at: Any) -> None:
    rows = {"items": [BOOK]}
    trial = await client.post("/v1/books:batch", params={"validate_only": True}, json=rows, headers=KEY)
    assert trial.status_code == 207
    async with at.connect() as outside:
        assert await outside.fetchval("select count(*) from runtime.idempotency") == 0
        assert await outside.fetchval("select count(*) from book where code = 'i'") == 0
    first = await client.post("/v1/books:batch", json=rows, headers=KEY)
    assert (await client.post("/v1/books:batch", json=rows, headers=KEY)).content == first.content
