"""The feed over HTTP: the envelopes' own bytes, a cursor that needs no memory of the server, and what is refused."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import feed
from contracts import Role
from feed import api as feed_api
from feed import position as cursors
from messaging import FeedPosition
from runtime import Issuer, Service
from testkit import Database
from testkit.http import Api, serving
from testkit.ledger import create_ledger

SERVICE = Service(name="leads", title="Leads", routers=[feed.router])
CAPTURED, QUALIFIED = "leads.lead.captured.v1", "leads.lead.qualified.v1"
WRITE = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
values ('attain-leads', 0, $1, $2, gen_random_uuid(), $3, $1, now(), $4, convert_to($5, 'utf8'))
"""


@pytest.fixture
async def api(database: Callable[..., Awaitable[Database]], issuer: Issuer, jwks: Path) -> AsyncIterator[Api]:
    async with serving(SERVICE, await database(create_ledger), issuer, jwks) as api:
        yield api


def envelope(root: str, number: int, type: str) -> str:
    """Spaced as no serialiser would, so that its bytes are known again."""
    return f'{{"type" : "{type}",  "partitionkey": "{root}", "sequence":  "{number:020d}", "who": "王芳"}}'


async def state(api: Api, root: str, number: int, type: str = CAPTURED, at: datetime | None = None) -> str:
    text = envelope(root, number, type)
    async with api.database.connect() as connection:
        await connection.execute(WRITE, root, number, type, at or datetime.now(UTC), text)
    return text


async def ask(api: Api, **parameters: Any) -> Any:
    answer = await api.client(Role.integrator, "erp").get("/v1/events", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(answer: Any) -> list[int]:
    return [int(event["sequence"]) for event in answer["events"]]


async def test_the_answer_holds_the_bytes_of_the_ledger(api: Api) -> None:
    texts = [await state(api, "a", number) for number in (1, 2)]
    answer = await api.client(Role.integrator, "erp").get("/v1/events")
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.startswith('{"events":[' + ",".join(texts) + '],"next":"')
    assert answer.json()["at_end"] is True


async def test_the_cursor_goes_on_after_the_server_was_restarted(
    api: Api, issuer: Issuer, jwks: Path
) -> None:
    for number in (1, 2, 3):
        await state(api, "a", number)
    first = await ask(api, limit=2)
    await state(api, "b", 4)
    async with serving(SERVICE, api.database, issuer, jwks) as restarted:
        rest = await ask(restarted, after=first["next"])
        more = await ask(restarted, after=rest["next"])
    assert [numbers(first), numbers(rest), numbers(more)] == [[1, 2], [3], [4]]
    assert (rest["at_end"], more["at_end"]) == (False, True), "only who looks anew can say that it is the end"


async def test_an_empty_ledger_has_an_end_and_a_cursor(api: Api) -> None:
    empty = await ask(api)
    assert (empty["events"], empty["at_end"]) == ([], True)
    await state(api, "a", 1)
    assert numbers(await ask(api, after=empty["next"])) == [1]


async def test_types_are_named_whole_or_up_to_a_dot(api: Api) -> None:
    for number, type in enumerate((CAPTURED, QUALIFIED, "leads.cost.recorded.v1"), start=1):
        await state(api, "a", number, type)
    assert numbers(await ask(api, type=QUALIFIED)) == [2]
    assert numbers(await ask(api, type="leads.lead")) == [1, 2]
    assert numbers(await ask(api, type=["leads.cost.", CAPTURED])) == [1, 3]
    filtered = await ask(api, type=QUALIFIED, limit=1)
    assert numbers(await ask(api, after=filtered["next"])) == [3], (
        "a cursor stands for a place and for no filter"
    )


async def test_the_feed_begins_at_an_instant_or_now(api: Api) -> None:
    await state(api, "a", 1, at=datetime(2026, 6, 30, 15, 59, tzinfo=UTC))
    await state(api, "a", 2, at=datetime(2026, 6, 30, 16, tzinfo=UTC))
    assert numbers(await ask(api, **{"from": "2026-07-01T00:00:00+08:00"})) == [2]
    now = await ask(api, after="now")
    assert now["events"] == []
    await state(api, "a", 3)
    assert numbers(await ask(api, after=now["next"])) == [3]


async def test_who_waits_hears_what_another_process_commits(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.feed.LOOK_EVERY", 0.01)
    start = await ask(api)
    waiting = asyncio.create_task(ask(api, after=start["next"], wait=20))
    await state(api, "a", 1)
    assert numbers(await asyncio.wait_for(waiting, 10)) == [1]


async def test_one_reader_too_many_is_not_let_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "WAITING_MOST", 0)
    assert (await asyncio.wait_for(ask(api, wait=20), 10))["events"] == []


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"after": "nonsense"}, 400, "cursor_malformed"),
        ({"after": "eyJ9"}, 400, "cursor_malformed"),
        ({"type": "leads.lead.captued"}, 422, "event_type_unknown"),
        ({"type": "leads.le"}, 422, "event_type_unknown"),
        ({"type": "opportunities.opportunity.won.v1"}, 422, "event_type_unknown"),
        ({"wait": "21"}, 422, "request_invalid"),
        ({"limit": "0"}, 422, "request_invalid"),
        ({"from": "2026-07-01"}, 422, "request_invalid"),
        ({"before": "x"}, 422, "parameter_unknown"),
    ],
)
async def test_what_the_feed_cannot_take_it_refuses_by_name(
    api: Api, parameters: dict[str, str], status: int, code: str
) -> None:
    answer = await api.client(Role.integrator, "erp").get("/v1/events", params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_cursor_that_was_altered_or_is_another_services_is_refused(
    api: Api, issuer: Issuer, jwks: Path
) -> None:
    await state(api, "a", 1)
    cursor = (await ask(api))["next"]
    payload = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    payload[3] = "9:1:"
    altered = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    refused = await api.client(Role.integrator, "erp").get("/v1/events", params={"after": altered})
    assert refused.json()["code"] == "cursor_malformed"
    other = Service(name="alerts", title="Alerts", routers=[feed.router])
    async with serving(other, api.database, issuer, jwks) as alerts:
        answer = await alerts.client(Role.integrator, "erp").get("/v1/events", params={"after": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_mismatch")


async def test_a_cursor_from_before_a_restore_is_gone_and_says_what_to_do(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the cluster was set back: the cursor's snapshot lies ahead of what this one has reached."""
    await state(api, "a", 1)
    position = FeedPosition(1, "90000000000:90000000000:")
    cursor = cursors.written(position, "leads")
    client = api.client(Role.integrator, "erp")
    english = await client.get("/v1/events", params={"after": cursor})
    chinese = await client.get("/v1/events", params={"after": cursor}, headers={"Accept-Language": "zh-CN"})
    assert (english.status_code, english.json()["code"]) == (410, "cursor_gone")
    assert "Read again from the oldest fact" in english.json()["detail"]
    assert "重新读取" in chinese.json()["detail"]


@pytest.mark.parametrize("role", list(Role))
async def test_those_read_the_feed_who_see_every_record(api: Api, role: Role) -> None:
    answer = await api.client(role).get("/v1/events")
    allowed = role in (Role.director, Role.operations, Role.integrator, Role.bi_reader)
    assert answer.status_code == (200 if allowed else 403)
