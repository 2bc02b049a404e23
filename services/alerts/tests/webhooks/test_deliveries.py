"""Incidents told to a real web server: signed, in order, once, and again until they are taken."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from standardwebhooks import Webhook

from alerts.webhooks import rules, sender
from alerts.webhooks.calls import Caller, CheckedNetwork
from alerts.webhooks.reactions import reactions
from alerts.webhooks.sender import Sender
from alerts.webhooks.sending import EACH, LEASE, claim
from contracts.alerts import IncidentAcknowledged, IncidentRaised, IncidentResolved
from messaging import uuid7
from messaging.tables import ledger
from testkit import eventually
from testkit.reacting import react
from testkit.receiving import Receiver, answer, receiving

from .house import ACKNOWLEDGED, RAISED, RESOLVED, House, Story, refused, said

DOWN, GONE = answer(503, body=b"maintenance"), answer(410)


def later(**time: float) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


async def test_an_incident_is_told_in_its_own_bytes_and_verified_by_the_standards_library(
    house: House, receiver: Receiver
) -> None:
    webhook = await house.webhook(receiver.url)
    [fact] = await house.raised()
    assert await house.send() == 1
    [received] = receiver.received
    verified = Webhook(webhook["secret"]).verify(received.body, received.headers)
    assert verified["data"]["rule"] == "opportunity-stalled"
    assert received.headers["webhook-id"] == str(fact.id)
    assert received.headers["content-type"] == "application/cloudevents+json"
    async with house.api.database.connect() as connection:
        statement = f"select envelope from {ledger.fullname} where event_id = $1"
        assert await connection.fetchval(statement, fact.id) == received.body
    delivered = await house.delivery(webhook)
    assert (delivered["state"], delivered["attempts"], delivered["last_attempt"]["status"]) == (
        "delivered",
        1,
        204,
    )
    assert delivered["next_try_at"] is None
    assert await house.send(later(days=9)) == 0


async def test_the_log_shows_request_and_answer(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url)
    await house.raised()
    receiver.answers = [answer(500, body=b"no " * 9_000)]
    await house.send()
    delivery = await house.delivery(webhook)
    detail = said(await house.administrator.get(f"/v1/deliveries/{delivery['id']}"))
    [received] = receiver.received
    assert detail["request_body"].encode() == received.body
    attempts = said(await house.administrator.get(f"/v1/deliveries/{delivery['id']}/attempts"))["items"]
    assert attempts == [detail["last_attempt"]]
    [attempt] = attempts
    assert (attempt["number"], attempt["status"], attempt["failure"]) == (1, 500, "refused")
    assert attempt["request_headers"].items() <= received.headers.items()
    assert (len(attempt["answer"]), attempt["milliseconds"] >= 0) == (4096, True)


async def test_a_test_reaches_a_webhook_whatever_it_asked_for(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url)
    other = await house.webhook(receiver.url)
    asked = said(await house.administrator.post(f"/v1/webhooks/{webhook['id']}/test"), 202)
    assert (asked["state"], asked["event_type"]) == ("pending", "alerts.webhook.tested.v1")
    await house.send()
    [received] = receiver.received
    assert Webhook(webhook["secret"]).verify(received.body, received.headers)["type"] == asked["event_type"]
    assert await house.deliveries(other) == []


async def test_each_webhook_is_told_what_it_asked_for_since_it_was_defined_once(
    house: House, receiver: Receiver
) -> None:
    before = await house.raised(IncidentResolved)
    everything = await house.webhook(receiver.url, RAISED, RESOLVED)
    resolved = await house.webhook(receiver.url, RESOLVED)
    story = Story(incident_id=uuid7())
    facts = await house.tell(story, IncidentRaised, IncidentAcknowledged, IncidentResolved)
    await react(reactions, house.api.app.state.database, house.settings, [*before, *facts])
    assert [each["event_type"] for each in await house.deliveries(everything)] == [RAISED, RESOLVED]
    assert [each["event_type"] for each in await house.deliveries(resolved)] == [RESOLVED]
    found = await house.deliveries(everything, incident_id=str(story.incident_id), event_type=RESOLVED)
    assert [each["event_root"] for each in found] == [story.root]


async def test_a_fact_that_is_heard_again_under_a_new_group_is_told_once(
    house: House, receiver: Receiver
) -> None:
    webhook = await house.webhook(receiver.url)
    facts = await house.raised()
    async with house.api.database.connect() as connection:
        await connection.execute("delete from messaging.consumer_root")
    await react(reactions, house.api.app.state.database, house.settings, facts)
    assert len(await house.deliveries(webhook)) == 1


async def test_two_secrets_sign_for_a_day_after_a_rotation(house: House, receiver: Receiver) -> None:
    old = await house.webhook(receiver.url)
    new = said(await house.administrator.post(f"/v1/webhooks/{old['id']}/rotate-secret"))
    await house.raised()
    await house.raised()
    receiver.answers = [DOWN, DOWN]
    await house.send()
    for received in receiver.received:
        for secret in (old["secret"], new["secret"]):
            assert Webhook(secret).verify(received.body, received.headers)
    await house.send(later(hours=25))
    assert [len(each.headers["webhook-signature"].split()) for each in receiver.received] == [2, 2, 1, 1]


async def test_a_webhook_that_is_down_is_called_ten_times_and_then_given_up(
    house: House, receiver: Receiver
) -> None:
    webhook = await house.webhook(receiver.url)
    [fact] = await house.raised()
    receiver.answers = [DOWN] * 10
    now, waited = datetime.now(UTC), []
    while (delivery := await house.delivery(webhook))["state"] == "pending":
        due = max(now, datetime.fromisoformat(delivery["next_try_at"]))
        waited.append(due - now)
        assert await house.send(due - timedelta(seconds=1)) == 0
        now = due
        await house.send(now)
    for pause, planned in zip(waited[1:], rules.PAUSES[1:], strict=True):
        assert planned <= pause <= planned * 1.1 + timedelta(seconds=1)
    assert (delivery["state"], delivery["attempts"]) == ("failed", 10)
    assert delivery["last_attempt"]["answer"] == "maintenance"
    assert {each.headers["webhook-id"] for each in receiver.received} == {str(fact.id)}
    assert len({each.headers["webhook-timestamp"] for each in receiver.received}) > 8
    told = await outcome(house, delivery)
    assert (told["type"], told["data"]["attempts"], told["data"]["reason_code"]) == (
        "alerts.notification.failed.v1", 10, "refused",
    )  # fmt: skip


async def outcome(house: House, delivery: dict[str, Any]) -> Any:
    """The last fact of a delivery."""
    async with house.api.database.connect() as connection:
        statement = f"select envelope from {ledger.fullname} where root = $1 order by sequence desc limit 1"
        return json.loads(await connection.fetchval(statement, delivery["id"]))


async def test_retry_after_puts_the_next_call_off(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url)
    await house.raised()
    receiver.answers = [answer(429, "Retry-After: 3600")]
    await house.send()
    due = datetime.fromisoformat((await house.delivery(webhook))["next_try_at"])
    assert timedelta(minutes=59) < due - datetime.now(UTC) < timedelta(minutes=61)


async def test_gone_disables_the_webhook_and_what_is_on_its_way_waits(
    house: House, receiver: Receiver
) -> None:
    webhook = await house.webhook(receiver.url, RAISED, RESOLVED)
    await house.raised(IncidentResolved)
    receiver.answers = [GONE]
    await house.send()
    shown = await house.administrator.get(f"/v1/webhooks/{webhook['id']}")
    assert (said(shown)["active"], said(shown)["disabled_reason"]) == (False, "gone")
    await house.raised()
    assert await house.send(later(days=2)) == 0
    states = [(each["state"], each["next_try_at"]) for each in await house.deliveries(webhook)]
    assert states == [("failed", None), ("pending", None)]
    path, verbs = f"/v1/webhooks/{webhook['id']}", ("test", "redeliver")
    body = {"failed_from": later(days=-1).isoformat(), "failed_to": later(days=1).isoformat()}
    for verb in verbs:
        refused(await house.administrator.post(f"{path}/{verb}", json=body), 409, "webhook_inactive")
    await house.administrator.patch(path, json={"active": True}, headers={"If-Match": "*"})
    assert await house.send() == 1


async def test_a_later_event_of_an_incident_waits_for_the_earlier_one(
    house: House, receiver: Receiver
) -> None:
    await house.webhook(receiver.url, RAISED, ACKNOWLEDGED, RESOLVED)
    first = await house.raised(IncidentAcknowledged, IncidentResolved)
    [other] = await house.raised()
    receiver.answers = [DOWN, DOWN]
    now = datetime.now(UTC)
    await house.send(now)
    assert {each.headers["webhook-id"] for each in receiver.received} == {str(first[0].id), str(other.id)}
    assert await house.send(now) == 0
    receiver.received.clear()
    for _ in range(4):
        now += timedelta(seconds=10)
        await house.send(now)
    mine = [each.headers["webhook-id"] for each in receiver.received]
    assert [each for each in mine if each != str(other.id)] == [str(fact.id) for fact in first]


async def test_what_was_given_up_holds_up_its_incident_no_more(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url, RAISED, RESOLVED)
    await house.raised(IncidentResolved)
    receiver.answers = [DOWN] * 10
    now = datetime.now(UTC)
    for _ in range(10):
        now += timedelta(hours=30)
        assert await house.send(now) == 1
    await house.send(now)
    assert [each["state"] for each in await house.deliveries(webhook)] == ["failed", "delivered"]


async def test_a_slow_webhook_holds_up_no_other(house: House, receiver: Receiver) -> None:
    async with receiving() as slow:
        slow.held = asyncio.Event()
        hindered, free = await house.webhook(slow.url), await house.webhook(receiver.url)
        for _ in range(6):
            await house.raised()
        sending = asyncio.create_task(house.send())
        async with asyncio.timeout(20):
            while any(each["state"] == "pending" for each in await house.deliveries(free)):
                await house.send()
        states = {each["state"] for each in await house.deliveries(hindered)}
        assert (states, len(slow.received)) == ({"pending"}, 4)
        slow.held.set()
        await sending


async def test_many_senders_at_once_tell_each_event_once(house: House, receiver: Receiver) -> None:
    await house.webhook(receiver.url, RAISED, RESOLVED)
    told = [fact.id for _ in range(8) for fact in await house.raised(IncidentResolved)]
    for _ in range(8):
        await asyncio.gather(*(house.send() for _ in range(4)))
    assert sorted(each.headers["webhook-id"] for each in receiver.received) == sorted(map(str, told))


async def test_what_a_process_had_claimed_when_it_died_is_sent_by_another(
    house: House, receiver: Receiver
) -> None:
    await house.webhook(receiver.url)
    await house.raised()
    now = datetime.now(UTC)
    assert len(await claim(house.api.app.state.database, now)) == 1
    assert await house.send(now + LEASE - timedelta(seconds=1)) == 0
    assert await house.send(now + LEASE + timedelta(seconds=1)) == 1


async def test_an_event_is_sent_again_when_somebody_asks(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url)
    await house.raised()
    await house.send()
    delivery = await house.delivery(webhook)
    again = said(await house.administrator.post(f"/v1/deliveries/{delivery['id']}/redeliver"), 202)
    assert (again["state"], again["attempts"]) == ("pending", 1)
    await house.send()
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (await house.delivery(webhook))["attempts"] == 2


async def test_what_failed_in_a_time_is_sent_again_from_the_first_try_on(
    house: House, receiver: Receiver
) -> None:
    webhook = await house.webhook(receiver.url)
    await house.raised()
    await house.raised()
    receiver.answers = [DOWN] * 21
    now = datetime.now(UTC)
    for _ in range(10):
        now += timedelta(hours=30)
        assert await house.send(now) == 2
    path = f"/v1/webhooks/{webhook['id']}/redeliver"

    async def ask(first: datetime, end: datetime) -> Any:
        body = {"failed_from": first.isoformat(), "failed_to": end.isoformat()}
        return said(await house.administrator.post(path, json=body))["deliveries"]

    assert await ask(now + timedelta(hours=1), now + timedelta(hours=2)) == 0
    assert await ask(now - timedelta(hours=1), now + timedelta(hours=1)) == 2
    assert await house.send(now) == 2
    states = [each["state"] for each in await house.deliveries(webhook, state=["pending", "delivered"])]
    assert sorted(states) == ["delivered", "pending"]


async def test_no_answer_and_no_address_stands_in_a_log_line(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url)
    await house.raised()
    receiver.answers = [answer(500, body=b"the-receivers-own-words")]
    with structlog.testing.capture_logs() as lines:
        await house.send()
    assert (await house.delivery(webhook))["last_attempt"]["answer"] == "the-receivers-own-words"
    for word in ("the-receivers-own-words", receiver.url, webhook["secret"]):
        assert word not in str(lines)


async def test_a_private_address_behind_a_name_is_refused_at_the_try(
    house: House, receiver: Receiver
) -> None:
    async def names(host: str, port: int) -> list[str]:
        return ["169.254.169.254"]

    webhook = await house.webhook("https://metadata.example/latest")
    await house.raised()
    async with Caller(CheckedNetwork(allow_loopback=True, resolve=names)) as caller:
        await house.send(caller=caller)
    delivery = await house.delivery(webhook)
    assert (delivery["state"], delivery["last_attempt"]["failure"]) == ("pending", "address_refused")


@pytest.mark.parametrize("unknown", ["/v1/deliveries/{}", "/v1/deliveries/{}/attempts", "/v1/webhooks/{}"])
async def test_what_does_not_exist_is_not_found(house: House, unknown: str) -> None:
    refused(await house.administrator.get(unknown.format(uuid7())), 404, "not_found")


async def test_the_worker_sends_what_comes_in_until_it_is_stopped(house: House, receiver: Receiver) -> None:
    webhook = await house.webhook(receiver.url, RAISED, RESOLVED)
    stop = asyncio.Event()
    worker = Sender(house.api.app.state.database, house.settings)
    working = asyncio.create_task(worker.run(stop))
    await house.raised(IncidentResolved)

    async def taken() -> None:
        states = [each["state"] for each in await house.deliveries(webhook)]
        assert states == ["delivered", "delivered"], states

    await eventually(taken)
    stop.set()
    await working
    assert worker.stalled() is None


async def test_the_worker_goes_on_as_soon_as_a_call_is_taken(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than there is room for at a time, and nobody looks again by the clock."""
    monkeypatch.setattr(sender, "EVERY", 600.0)
    webhook = await house.webhook(receiver.url, RAISED, ACKNOWLEDGED)
    for _ in range(3 * EACH):
        await house.raised(IncidentAcknowledged)
    stop = asyncio.Event()
    working = asyncio.create_task(Sender(house.api.app.state.database, house.settings).run(stop))

    async def taken() -> None:
        states = [each["state"] for each in await house.deliveries(webhook, limit="200")]
        assert states == ["delivered"] * 6 * EACH, states

    await eventually(taken)
    stop.set()
    await working
