"""Who gets a lead: by rule, by claim, and back into the pool (公海)."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from contracts import Role
from leads.assignment.actions import assign_waiting, release_due

from .bureau import CROWD, LI, QIAN, SUE, WANG, ZHAO, Bureau, refused, said

ZONE = ZoneInfo("Asia/Shanghai")


async def rule(bureau: Bureau, code: str, *members: tuple[UUID, int | None], **more: Any) -> None:
    body = {
        "name_en": code,
        "name_zh": code,
        "kind": "round_robin",
        "members": [{"person_id": str(person), "capacity": capacity} for person, capacity in members],
        **more,
    }
    said(await bureau.as_(Role.administrator).put(f"/v1/assignment-rules/{code}", json=body))


async def do(bureau: Bureau, action: Any, now: datetime) -> int:
    async with bureau.api.app.state.database.transaction() as session:
        return await action(session, now, ZONE)  # type: ignore[no-any-return]


@pytest.mark.capability("X3")
async def test_ten_leads_find_a_capacity_of_four_a_day_and_six_wait_for_tomorrow(bureau: Bureau) -> None:
    await rule(bureau, "x3", (WANG, 120), kind="capacity", channels=["baidu"], window_days=30)
    leads = [await bureau.lead(None, channel="baidu") for _ in range(10)]
    shown = [await bureau.read(lead) for lead in leads]
    assert [each["owner_id"] for each in shown] == [str(WANG)] * 4 + [None] * 6
    assert {each["assigned_by"] for each in shown[:4]} == {"x3"}
    [_, assigned] = await bureau.facts(leads[0]["id"])
    assert (assigned["data"]["rule"], assigned["data"]["rule_version"]) == ("x3", 1)
    assert await do(bureau, assign_waiting, datetime.now(UTC)) == 0
    assert await do(bureau, assign_waiting, datetime.now(UTC) + timedelta(days=1)) == 4
    assert [(await bureau.read(lead))["owner_id"] for lead in leads[4:]] == [str(WANG)] * 4 + [None] * 2
    await rule(bureau, "x3", (WANG, None), channels=["baidu"], active=False)


async def test_leads_that_nobody_has_room_for_keep_no_others_waiting(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.assignment.actions.ROUND", 2)
    await rule(bureau, "full", (ZHAO, 29), channels=["baidu"])
    await rule(bureau, "free", (LI, 30), channels=["referral"])
    stuck = [await bureau.lead(None, channel="baidu") for _ in range(3)]
    given, later = [await bureau.lead(None, channel="referral") for _ in range(2)]
    assert [(await bureau.read(lead))["owner_id"] for lead in (given, later)] == [str(LI), None]
    assert await do(bureau, assign_waiting, datetime.now(UTC) + timedelta(days=1)) == 1
    assert [(await bureau.read(lead))["owner_id"] for lead in (*stuck, later)] == [None] * 3 + [str(LI)]
    for code, channel in (("full", "baidu"), ("free", "referral")):
        await rule(bureau, code, (WANG, None), channels=[channel], active=False)


async def test_in_turn_the_leads_go_around_and_who_left_is_no_member(bureau: Bureau) -> None:
    await rule(bureau, "turns", (WANG, None), (LI, None), channels=["referral"])
    leads = [await bureau.lead(None, channel="referral") for _ in range(3)]
    assert [each["owner_id"] for each in leads] == [str(WANG), str(LI), str(WANG)]
    body = {"name_en": "x", "name_zh": "x", "kind": "round_robin", "members": [{"person_id": str(QIAN)}]}
    answer = await bureau.operations.put("/v1/assignment-rules/gone", json=body)
    refused(answer, 422, "unknown_member")
    await rule(bureau, "turns", (WANG, None), channels=["referral"], active=False)


async def test_of_fifty_claims_at_once_one_wins_and_the_others_hear_why(bureau: Bureau) -> None:
    lead = await bureau.lead(None)
    answers = await asyncio.gather(*(bureau.ask(person, lead, "claim") for person in CROWD))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 49)
    assert {each["code"] for each in lost} == {"lead_already_claimed"}
    assert all(
        won[0]["assigned_at"][:16] in each["detail"] and "pooled=true" in each["detail"] for each in lost
    )
    assert len(await bureau.facts(lead["id"])) == 2
    assert won[0]["phone"] is not None


async def test_the_pool_hides_who_the_contact_is_until_somebody_claims_it(bureau: Bureau) -> None:
    lead = await bureau.lead(None, contact_name="池中人")
    seen = said(await bureau.of(ZHAO).get("/v1/leads", params={"pooled": "true", "limit": 200}))["items"]
    [shown] = [each for each in seen if each["id"] == lead["id"]]
    assert (shown["contact_name"], shown["phone"], shown["company"]) == (None, None, "长江精密制造有限公司")
    assert said(await bureau.of(ZHAO).get("/v1/leads", params={"text": "池中人"}))["items"] == []
    refused(await bureau.ask(ZHAO, lead, "qualify"), 409, "lead_without_owner")
    claimed = await bureau.do(ZHAO, lead, "claim")
    assert (claimed["contact_name"], claimed["assigned_by"]) == ("池中人", "claim")
    refused(await bureau.of(WANG).get(f"/v1/leads/{lead['id']}"), 404, "not_found")
    stranger = bureau.api.client(Role.representative, str(UUID(int=99)))
    assert said(await stranger.get("/v1/leads", params={"pooled": "true"}))["items"] == []


async def test_a_lead_that_never_lay_in_the_pool_is_not_found_by_a_claim(bureau: Bureau) -> None:
    refused(await bureau.ask(ZHAO, await bureau.lead(WANG), "claim"), 404, "not_found")


async def test_who_is_no_person_of_the_organisation_assigns_and_does_not_claim(bureau: Bureau) -> None:
    lead = await bureau.lead(None)
    answer = await bureau.operations.post(f"/v1/leads/{lead['id']}/claim", json={})
    refused(answer, 409, "claimer_is_nobody")
    assert (await bureau.read(lead))["owner_id"] is None


async def test_a_released_lead_is_for_whoever_claims_it_and_for_no_rule(bureau: Bureau) -> None:
    lead = await bureau.lead(WANG)
    released = await bureau.do(WANG, lead, "release", reason_code="no_contact")
    assert released["owner_id"] is None
    await rule(bureau, "later", (LI, None), channels=["zhihu"])
    await do(bureau, assign_waiting, datetime.now(UTC))
    assert (await bureau.read(lead))["owner_id"] is None
    await rule(bureau, "later", (LI, None), channels=["zhihu"], active=False)
    given = await bureau.do(SUE, lead, "assign", owner_id=str(LI))
    assert (given["owner_id"], given["assigned_by"]) == (str(LI), "manual")
    refused(await bureau.ask(SUE, lead, "assign"), 409, "nobody_has_room")


async def test_what_nobody_touches_for_thirty_days_falls_into_the_pool_on_the_day_after(
    bureau: Bureau,
) -> None:
    lead, touched = await bureau.lead(WANG), await bureau.lead(WANG)
    start = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    await do(bureau, release_due, start + timedelta(days=30, hours=23))
    assert (await bureau.read(lead))["owner_id"] == str(WANG)
    async with bureau.api.database.connect() as connection:
        later = start + timedelta(days=5)
        await connection.execute("update lead set touched_at = $2 where id = $1", UUID(touched["id"]), later)
    await do(bureau, release_due, start + timedelta(days=31))
    assert (await bureau.read(lead))["owner_id"] is None
    assert (await bureau.read(touched))["owner_id"] == str(WANG)
    released = (await bureau.facts(lead["id"]))[-1]["data"]
    assert (released["rule"], released["rule_version"], released["previous_owner_id"]) == (
        "untouched-30-days", 1, str(WANG),
    )  # fmt: skip


async def test_two_processes_give_and_release_each_lead_once(bureau: Bureau) -> None:
    leads = [await bureau.lead(WANG) for _ in range(20)]
    now = datetime.now(UTC) + timedelta(days=60)
    await asyncio.gather(*(do(bureau, release_due, now) for _ in range(3)))
    facts = [await bureau.facts(lead["id"]) for lead in leads]
    assert [len(each) for each in facts] == [2] * 20


async def test_leads_captured_at_once_exceed_nobodys_share_and_go_around(bureau: Bureau) -> None:
    await rule(bureau, "at-once", (CROWD[0], 90), (CROWD[1], 90), channels=["referral"], window_days=30)
    leads = await asyncio.gather(*(bureau.lead(None, channel="referral") for _ in range(10)))
    owners = Counter(lead["owner_id"] for lead in leads)
    assert owners == {str(CROWD[0]): 3, str(CROWD[1]): 3, None: 4}
    await rule(bureau, "at-once", (WANG, None), channels=["referral"], active=False)
