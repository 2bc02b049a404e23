"""Incidents over HTTP: who sees them, what is done with them, and why they were raised."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from contracts import Role
from testkit import eventually

from .post import COMPANY_BOSS, MAX, SHANGHAI, SUE, WANG, ZHAO, Post, reading, refused, said, somebody

DAY = timedelta(days=1)
_metrics = count()


async def stalled(post: Post) -> Any:
    """An incident about an opportunity of WANG, which goes to SUE."""
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    await post.watch(deal.at + 5 * DAY + timedelta(seconds=1))
    [incident] = await post.incidents(subject_id=str(deal.id))
    return incident


async def weak_weeks(post: Post) -> Any:
    """An incident about a metric of its own of SUE's unit, with the steps of the response."""
    metric = f"metric_{next(_metrics)}"
    for week, attainment in ((7, "0.69"), (14, "0.68")):
        reading(post.history, attainment, date(2026, 9, week), metric=metric)
        await post.watch(datetime.now(UTC) + DAY / 24)
    [incident] = [each for each in await post.incidents(rule="core-metric-low") if each["key"] == metric]
    return incident


async def test_whoever_is_to_act_takes_it_up_and_it_escalates_no_more(shared: Post) -> None:
    incident = await stalled(shared)
    assert (incident["state"], incident["assignee_name"]) == ("open", "S1")
    taken = await shared.do(SUE, incident, "acknowledge")
    assert (taken["state"], taken["acknowledged_at"] is not None) == ("acknowledged", True)
    refused(await shared.ask(SUE, incident, "acknowledge", mood="good"), 422, "request_invalid")
    refused(await shared.ask(MAX, incident, "acknowledge"), 409, "incident_acknowledged")
    await shared.watch(datetime.now(UTC), escalate=datetime.now(UTC) + 30 * DAY)
    assert (await shared.read(incident))["level"] == 0
    assert await shared.facts(incident) == ["raised", "acknowledged"]


async def test_a_snoozed_incident_waits_and_goes_on_escalating_afterwards(shared: Post) -> None:
    incident = await stalled(shared)
    raised = datetime.fromisoformat(incident["raised_at"])
    waits = await shared.do(SUE, incident, "snooze", until=(raised + 4 * DAY).isoformat())
    assert (waits["state"], datetime.fromisoformat(waits["snoozed_until"])) == ("snoozed", raised + 4 * DAY)
    past = (raised - DAY).isoformat()
    refused(await shared.ask(SUE, incident, "snooze", until=past), 422, "snooze_not_ahead")
    await shared.watch(raised, escalate=raised + 3.5 * DAY)
    assert (await shared.read(incident))["level"] == 0
    await shared.watch(raised, escalate=raised + 4 * DAY)
    after = await shared.read(incident)
    assert (after["state"], after["level"], after["assignee_id"]) == ("open", 1, str(MAX))


async def test_a_snooze_that_has_run_out_is_open_again_for_every_reader(shared: Post) -> None:
    incident = await stalled(shared)
    until = datetime.now(UTC) + timedelta(milliseconds=150)
    await shared.do(SUE, incident, "snooze", until=until.isoformat())

    async def open_again() -> None:
        assert (await shared.read(incident))["state"] == "open"

    await eventually(open_again)
    found = await shared.incidents(state="open", subject_id=incident["subject_id"])
    assert [each["id"] for each in found] == [incident["id"]]
    assert await shared.incidents(state="snoozed", subject_id=incident["subject_id"]) == []


async def test_it_is_given_to_those_whom_one_leads(shared: Post) -> None:
    incident = await stalled(shared)
    given = await shared.do(SUE, incident, "assign", assignee_id=str(WANG))
    assert (given["assignee_id"], given["state"]) == (str(WANG), "open")
    refused(await shared.ask(SUE, incident, "assign", assignee_id=str(WANG)), 409, "assignee_unchanged")
    for nobody in (ZHAO, somebody()):
        answer = await shared.ask(SUE, incident, "assign", assignee_id=str(nobody))
        assert refused(answer, 422, "unknown_owner")["errors"][0]["pointer"] == "/assignee_id"
    await shared.do(COMPANY_BOSS, incident, "assign", assignee_id=str(ZHAO))
    assert (await shared.read(incident, ZHAO))["assignee_id"] == str(ZHAO)


@pytest.mark.capability("S118", "S119")
async def test_the_response_flow_is_walked_step_by_step_to_an_outcome(shared: Post) -> None:
    incident = await weak_weeks(shared)
    raised = datetime.fromisoformat(incident["raised_at"])
    steps = said(await shared.of(SUE).get(f"/v1/incidents/{incident['id']}/steps"))["items"]
    assert [each["code"] for each in steps] == ["external_factors", "team_rhythm", "decide_action"]
    assert {each["owner_id"] for each in steps} == {str(SUE)}
    due = [datetime.fromisoformat(each["due_at"]) - raised for each in steps]
    assert due == [1 * DAY, 2 * DAY, 3 * DAY]
    found: dict[str, Any] = {"finding_code": "competitor_price_cut", "note": "竞品降价 15%"}
    refused(await shared.ask(SUE, incident, "steps/team_rhythm/complete", **found), 409, "step_not_next")
    refused(await shared.ask(SUE, incident, "steps/no_such_step/complete", **found), 404, "not_found")
    await shared.do(SUE, incident, "steps/external_factors/complete", **found)
    twice = await shared.ask(SUE, incident, "steps/external_factors/complete", **found)
    refused(twice, 409, "step_completed")
    problem = refused(await shared.ask(SUE, incident, "resolve", outcome_code="coaching"), 409, "steps_open")
    assert "team_rhythm, decide_action" in problem["detail"]
    for step in ("team_rhythm", "decide_action"):
        await shared.do(SUE, incident, f"steps/{step}/complete", finding_code="no_follow_up")
    resolved = await shared.do(SUE, incident, "resolve", outcome_code="coaching", note="每周陪访一次")
    assert (resolved["state"], resolved["outcome_code"], resolved["resolving_event_id"]) == (
        "resolved", "coaching", None,
    )  # fmt: skip
    refused(await shared.ask(SUE, incident, "acknowledge"), 409, "incident_resolved")
    [first, *_] = (await shared.read(incident))["steps"]
    assert (first["finding_code"], first["note"], first["completed_by_id"]) == (*found.values(), str(SUE))
    history = said(await shared.of(SUE).get(f"/v1/incidents/{incident['id']}/history"))["items"]
    assert [item["type"].split(".")[2] for item in history] == ["raised", *["step_completed"] * 3, "resolved"]
    assert history[-1]["note"] == "每周陪访一次"
    assert "每周陪访一次" not in str(history[-1]["data"])


async def test_an_incident_is_seen_by_who_acts_who_owns_and_who_leads(shared: Post) -> None:
    incident, unit = await stalled(shared), await weak_weeks(shared)
    for person in (WANG, SUE, MAX, COMPANY_BOSS):
        assert (await shared.read(incident, person))["id"] == incident["id"]
    for person in (SUE, MAX, COMPANY_BOSS):
        assert (await shared.read(unit, person))["id"] == unit["id"]
    refused(await shared.of(WANG).get(f"/v1/incidents/{unit['id']}"), 404, "not_found")
    administrator = shared.api.client(Role.administrator, str(somebody()))
    for stranger in (shared.of(ZHAO), administrator):
        for path in ("", "/history", "/steps"):
            refused(await stranger.get(f"/v1/incidents/{incident['id']}{path}"), 404, "not_found")
        listed = said(await stranger.get("/v1/incidents", params={"subject_id": incident["subject_id"]}))
        assert listed["items"] == []
    refused(await shared.ask(ZHAO, incident, "acknowledge"), 404, "not_found")
    reader = shared.api.client(Role.bi_reader, "warehouse")
    assert said(await reader.get(f"/v1/incidents/{incident['id']}"))["id"] == incident["id"]
    refused(await reader.post(f"/v1/incidents/{incident['id']}/acknowledge", json={}), 403, "forbidden")


async def test_an_incident_explains_itself_in_both_languages_down_to_the_facts(shared: Post) -> None:
    incident, unit = await stalled(shared), await weak_weeks(shared)
    why = (await shared.read(incident, WANG))["explanation"]
    assert why["rule_name_en"] == "Opportunity stalled for more than 5 days"
    assert "5 days were over at" in why["en"]
    assert "5 天已于" in why["zh"]
    [opened] = why["evidence"]
    assert (opened["type"], opened["data"]["owner_id"]) == ("opportunities.opportunity.opened.v1", str(WANG))
    assert "opportunities.interaction.logged.v1" in why["resolves_en"]
    weeks = (await shared.read(unit))["explanation"]
    assert weeks["en"].endswith("lay below 70 %: 69 %, 68 %.")
    assert "连续 2 个已结束的周低于 70 %" in weeks["zh"]
    assert [each["data"]["attainment"] for each in weeks["evidence"]] == ["0.69", "0.68"]
    assert {each["data"]["subject_id"] for each in weeks["evidence"]} == {str(SHANGHAI)}


async def test_the_list_is_filtered_sorted_and_paged(shared: Post) -> None:
    mine = [await stalled(shared) for _ in range(3)]
    subjects = [each["subject_id"] for each in mine]
    path, asked = (
        "/v1/incidents",
        {"rule": "opportunity-stalled", "owner_id": str(WANG), "subject_id": subjects},
    )
    latest = said(await shared.of(SUE).get(path, params={**asked, "limit": "2"}))
    rest = said(await shared.of(SUE).get(path, params={**asked, "limit": "2", "cursor": latest["next"]}))
    found = [each["subject_id"] for each in (*latest["items"], *rest["items"])]
    assert (found, rest["next"]) == (subjects[::-1], None)
    earliest = said(await shared.of(SUE).get(path, params={**asked, "sort": "due_at"}))
    assert [each["subject_id"] for each in earliest["items"]] == subjects
    tomorrow = (datetime.now(UTC) + 2 * DAY).date().isoformat()
    for none in ({"state": "resolved"}, {"raised_from": tomorrow}, {"assignee_id": str(MAX)}):
        assert said(await shared.of(SUE).get(path, params={**asked, **none}))["items"] == []
    refused(await shared.of(SUE).get(path, params={"sort": "mood"}), 422, "sort_unknown")


async def test_a_verb_asks_for_the_version_that_was_read_where_one_is_named(shared: Post) -> None:
    incident = await stalled(shared)
    path = f"/v1/incidents/{incident['id']}"
    read = await shared.of(SUE).get(path)
    body = {"until": (datetime.now(UTC) + DAY).isoformat()}
    await shared.of(SUE).post(f"{path}/snooze", json=body, headers={"If-Match": read.headers["ETag"]})
    late = await shared.of(MAX).post(
        f"{path}/acknowledge", json={}, headers={"If-Match": read.headers["ETag"]}
    )
    refused(late, 412, "stale_version")
