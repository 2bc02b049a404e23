"""Every write of every service answers a consistency token, and every report waits for one."""

from typing import Any

import pytest
from asyncpg import Record

from contracts import Role
from messaging.tokens import named
from messaging.topics import partition_of
from runtime import TOKEN_HEADER
from testkit.http import STATES_NOTHING
from testkit.operations import Operation

SERVICES = ["targets", "opportunities", "leads", "alerts"]
UNHEARD = "0199d1a2-0000-7000-8000-0000000000bb@1"
NO_REPORTS = {"read_me", "read_events"}
LEDGER = "select id, partition, root, sequence from messaging.ledger where id > $1 order by id"


def writes(target: Any) -> list[Operation]:
    return [each for each in target.operations if each.method != "get"]


def reports(target: Any) -> list[Operation]:
    return [each for each in target.operations if each.method == "get" and each.id not in NO_REPORTS]


def not_covered(token: str | None, written: list[Record]) -> list[Record]:
    """The facts that a reader who waits for the token may not have heard."""
    facts = {(row["root"], row["sequence"]): row["id"] for row in written}
    upto = (
        {partition_of(root): facts.get((root, number), 0) for root, number in named(token)} if token else {}
    )
    return [row for row in written if row["id"] > upto.get(row["partition"], 0)]


@pytest.mark.parametrize("service", SERVICES)
async def test_each_write_answers_a_token_of_all_that_it_stated(
    guarded: dict[str, Any], service: str
) -> None:
    """By the smallest request that the document describes; what is refused states nothing."""
    target = guarded[service]
    client = target.api.client(Role.operations, target.owner)
    stated = set()
    async with target.api.database.connect() as connection:
        for operation in writes(target):
            before = await connection.fetchval("select coalesce(max(id), 0) from messaging.ledger")
            answer = await operation.ask(client, target.known)
            written = await connection.fetch(LEDGER, before)
            token = answer.headers.get(TOKEN_HEADER)
            assert not not_covered(token, written), f"{operation.id}: {token} of {written}"
            if written:
                stated.add(operation.id)
                body = answer.json() if answer.content else {}
                assert body.get("token", token) == token, operation.id
    assert len(stated) >= 3, f"too little was written to say anything: {stated}"


@pytest.mark.parametrize("service", SERVICES)
async def test_each_write_is_documented_with_the_token(guarded: dict[str, Any], service: str) -> None:
    for operation in writes(guarded[service]):
        answers = operation.description["responses"]
        assert any(TOKEN_HEADER in each.get("headers", {}) for each in answers.values()), operation.id
        body: dict[str, str] = next(
            (answer["content"]["application/json"]["schema"] for status, answer in answers.items()
             if status.startswith("2") and "content" in answer),
            {},
        )  # fmt: skip
        if name := body.get("$ref", "").rpartition("/")[2]:
            shows = "token" in operation.schemas[name]["properties"]
            assert shows or STATES_NOTHING.search(operation.path) or name == "DeliveryView", operation.id


async def test_a_batch_is_waited_for_whole(guarded: dict[str, Any]) -> None:
    """One token stands for rows in more partitions than a header could name the roots of."""
    api = guarded["targets"].api
    rows = [
        {"code": f"w-{n}", "name": f"W {n}", "kind": "team", "effective_on": "2026-01-01"} for n in range(60)
    ]
    async with api.database.connect() as connection:
        before = await connection.fetchval("select max(id) from messaging.ledger")
        client = api.client(Role.operations, "operations")
        tried = await client.post("/v1/units:batch", json={"items": rows}, params={"validate_only": True})
        assert tried.headers.get(TOKEN_HEADER) is None
        assert {row["token"] for row in tried.json()["items"]} == {None}, "nothing was kept to be waited for"
        answer = await client.post("/v1/units:batch", json={"items": rows})
        written = await connection.fetch(LEDGER, before)
    token = answer.headers[TOKEN_HEADER]
    assert len(written) == 60
    assert answer.json()["token"] == token
    assert len(named(token)) == len({row["partition"] for row in written}) > 6
    assert not not_covered(token, written)
    again = await client.post("/v1/units:batch", json={"items": rows})
    assert again.headers.get(TOKEN_HEADER) is again.json()["token"] is None, "nothing was changed"


async def test_each_report_waits_for_the_token_that_it_is_given(
    guarded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reporting.freshness.LONGEST_WAIT", 0.0)
    target = guarded["reporting"]
    client = target.api.client(Role.operations, target.owner)
    for operation in reports(target):
        by_header = client.headers | {"Attain-After": UNHEARD}
        try:
            client.headers = by_header
            waiting = await operation.ask(client, target.known)
        finally:
            del client.headers["Attain-After"]
        assert (waiting.status_code, waiting.json()["code"]) == (503, "not_yet_applied"), operation.id
        assert waiting.headers["Retry-After"] == "1"
        malformed = await operation.ask(client, target.known | {"after": "soon"})
        assert (malformed.status_code, malformed.json()["code"]) == (422, "token_malformed"), operation.id


async def test_a_report_waits_for_all_facts_of_a_token(
    guarded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reporting.freshness.LONGEST_WAIT", 0.0)
    target = guarded["reporting"]
    client = target.api.client(Role.operations, target.owner)
    heard = f"{target.known['id']}@1"
    assert (await client.get("/v1/freshness", params={"after": heard})).status_code == 200
    assert (await client.get("/v1/freshness", params={"after": f"{heard},{UNHEARD}"})).status_code == 503
    too_many = ",".join([heard] * 13)
    assert (await client.get("/v1/freshness", params={"after": too_many})).status_code == 422
