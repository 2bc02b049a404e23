"""What customers hold against an offer, and our answers (S81)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.opportunities import ObjectionAnswered, ObjectionRaised
from opportunities.objections.refusals import ObjectionAnsweredAlready
from opportunities.objections.rules import answer_objection, raise_objection
from opportunities.pipeline.rules import State
from opportunities.pipeline.rules.refusals import OpportunityClosed

from .office import LI, WANG, ZHAO, Office, refused, said
from .rules.deals import OPPORTUNITY, opportunity

OBJECTION = UUID("0199d1a2-0000-7000-8000-0000000000f1")


def test_an_objection_is_raised_to_an_open_opportunity_alone() -> None:
    raised = raise_objection(opportunity(), OBJECTION, "price")
    assert isinstance(raised, ObjectionRaised)
    assert (raised.opportunity_id, raised.objection_code) == (OPPORTUNITY, "price")
    with pytest.raises(OpportunityClosed):
        raise_objection(opportunity(state=State.won), OBJECTION, "price")


def test_an_objection_is_answered_once_also_after_the_close() -> None:
    lost = opportunity(state=State.lost)
    answered = answer_objection(lost, OBJECTION, "price", answered_at=None, answered_by_id=None)
    assert isinstance(answered, ObjectionAnswered)
    with pytest.raises(ObjectionAnsweredAlready, match="2026"):
        answer_objection(
            lost, OBJECTION, "price", answered_at=datetime(2026, 7, 1, tzinfo=UTC), answered_by_id=None
        )


@pytest.mark.capability("S81")
async def test_an_objection_waits_until_it_is_answered_and_leaves_the_version(office: Office) -> None:
    deal = await office.opportunity()
    path = f"/v1/opportunities/{deal['id']}/objections"
    raised = said(
        await office.of(WANG).post(path, json={"objection_code": "price", "text": "太贵"}),
        201,
    )
    waiting = said(await office.of(WANG).get(path, params={"answered": "false"}))
    assert [each["id"] for each in waiting["items"]] == [raised["id"]]
    answered = said(await office.of(WANG).post(f"{path}/{raised['id']}/answer", json={"text": "分期"}))
    assert (answered["answer"], answered["answered_by_id"]) == ("分期", str(WANG))
    assert said(await office.of(WANG).get(path, params={"answered": "false"}))["items"] == []
    assert said(await office.of(WANG).get(path, params={"code": "price"}))["items"][0]["text"] == "太贵"
    again = await office.of(WANG).post(f"{path}/{raised['id']}/answer", json={})
    refused(again, 409, "objection_answered_already")
    facts = await office.facts("opportunities", deal["id"])
    assert [fact["fact"] for fact in facts] == [
        "opportunity.opened",
        "objection.raised",
        "objection.answered",
    ]
    assert "太贵" not in str(facts)
    assert "分期" not in str(facts)
    shown = said(await office.of(WANG).get(f"/v1/opportunities/{deal['id']}"))
    assert shown["version"] == deal["version"]


async def test_an_objection_of_another_opportunity_is_not_found(office: Office) -> None:
    one, other = await office.opportunity(), await office.opportunity()
    path = f"/v1/opportunities/{one['id']}/objections"
    raised = said(await office.of(WANG).post(path, json={"objection_code": "price"}), 201)
    wrong = f"/v1/opportunities/{other['id']}/objections/{raised['id']}/answer"
    refused(await office.of(WANG).post(wrong, json={}), 404, "not_found")
    refused(await office.of(ZHAO).post(f"{path}/{raised['id']}/answer", json={}), 404, "not_found")


async def test_objections_stand_in_batches(office: Office) -> None:
    deal = await office.opportunity()
    items = [{"verb": "raise_objection", "opportunity_id": deal["id"], "objection_code": "price"}]
    said(await office.of(WANG).post("/v1/opportunities:batch", json={"items": items}), 207)
    path = f"/v1/opportunities/{deal['id']}/objections"
    objection = said(await office.of(WANG).get(path))["items"][0]["id"]
    answers = [
        {"verb": "answer_objection", "opportunity_id": deal["id"], "objection_id": objection},
        {"verb": "answer_objection", "opportunity_id": deal["id"], "objection_id": objection},
        {"verb": "answer_objection", "opportunity_id": deal["id"], "objection_id": str(LI)},
    ]
    answer = said(await office.of(WANG).post("/v1/opportunities:batch", json={"items": answers}), 207)
    assert [each["status"] for each in answer["items"]] == [200, 409, 404]
