"""No change overwrites one that its author has not seen."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
async def book(client: AsyncClient) -> str:
    answer = await client.post("/v1/books", json={"code": "e", "title": "Etched"})
    assert answer.headers["etag"] == '"1"'
    return str(answer.headers["location"])


async def test_a_change_of_the_version_read_is_made(client: AsyncClient, book: str) -> None:
    etag = (await client.get(book)).headers["etag"]
    answer = await client.patch(book, json={"pages": 7}, headers={"If-Match": etag})
    assert answer.json()["version"] == 2


async def test_a_change_without_a_version_is_refused(client: AsyncClient, book: str) -> None:
    answer = await client.patch(book, json={"pages": 7})
    assert answer.status_code == 428
    assert answer.json()["code"] == "if_match_required"


async def test_a_change_of_another_version_is_refused(client: AsyncClient, book: str) -> None:
    for stale in ('"0"', 'W/"1"', "1", '"2", "3"'):
        answer = await client.patch(book, json={"pages": 7}, headers={"If-Match": stale})
        assert answer.status_code == 412, stale
        assert answer.json()["code"] == "stale_version"
    assert (await client.get(book)).json()["pages"] is None


async def test_any_of_several_versions_may_fit(client: AsyncClient, book: str) -> None:
    for version, fitting in enumerate(("*", '"2"', '"9", "3"'), start=2):
        answer = await client.patch(book, json={"pages": 7}, headers={"If-Match": fitting})
        assert answer.json()["version"] == version, fitting
