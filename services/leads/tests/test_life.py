"""The life of a lead over HTTP: captured, worked on, converted."""

import asyncio
from uuid import UUID

import pytest

from contracts import Role

from .bureau import LI, QIAN, SUE, WANG, ZHAO, Bureau, ago, refused, said


@pytest.mark.capability("S66", "S67")
async def test_a_lead_passes_from_capture_to_conversion_and_every_step_is_a_fact(bureau: Bureau) -> None:
    lead = await bureau.lead(WANG, intent="medium")
    assert (lead["state"], lead["valid"], lead["owner_id"]) == ("open", True, str(WANG))
    await bureau.contact(WANG, lead, "call", summary="愿意见面")
    await bureau.do(WANG, lead, "change-intent", intent="high", note="预算已批")
    await bureau.do(WANG, lead, "qualify")
    await bureau.contact(WANG, lead, "visit")
    converted = await bureau.do(WANG, lead, "convert", amount="88000.00")
    assert (converted["state"], converted["outcome"]) == ("converted", "open")
    assert str(UUID(converted["opportunity_id"])) == converted["opportunity_id"]
    facts = await bureau.facts(lead["id"])
    assert [fact["fact"] for fact in facts] == [
        "lead.captured", "contact.logged", "lead.intent_changed", "lead.qualified", "contact.logged", "lead.converted",
    ]  # fmt: skip
    assert facts[2]["note"] == "预算已批"
    assert facts[-1]["data"]["opportunity_id"] == converted["opportunity_id"]


async def test_no_personal_data_and_no_free_text_is_in_a_fact(bureau: Bureau) -> None:
    lead = await bureau.lead(
        email="chen.secret@example.com", contact_name="陈秘密", remark="备注秘密", phone="13912345678"
    )
    await bureau.contact(WANG, lead, summary="通话秘密")
    await bureau.do(WANG, lead, "discard", reason_code="no_need", note="原因秘密")
    async with bureau.api.database.connect() as connection:
        envelopes = await connection.fetch(
            "select convert_from(envelope, 'UTF8') as said from messaging.ledger where root = $1", lead["id"]
        )
    assert len(envelopes) == 3
    said_in_all = "".join(row["said"] for row in envelopes)
    assert not [secret for secret in ("secret", "秘密", "13912345678", "陈") if secret in said_in_all]


@pytest.mark.parametrize("identity", ["phone", "email", "credit_code"])
@pytest.mark.capability("S60")
async def test_an_exact_duplicate_is_answered_with_the_lead_that_is_there(
    bureau: Bureau, identity: str
) -> None:
    same = {
        "phone": ("139 0000 1111", "+86-13900001111"),
        "email": ("Chen@Example.com", "chen＠example.COM"),
        "credit_code": ("91310000MA1FL0000X", "91310000ma1fl0000x"),
    }[identity]
    lead = await bureau.lead(WANG, **{identity: same[0]})
    again = await bureau.of(WANG).post(
        "/v1/leads", json={"channel": "baidu", "company": "另一家", identity: same[1], "owner_id": str(WANG)}
    )
    found = said(again, 200)
    assert (found["id"], found["matched"], found["channel"]) == (lead["id"], identity, "zhihu")
    assert len(await bureau.facts(lead["id"])) == 1
    hidden = await bureau.of(ZHAO).post("/v1/leads", json={"channel": "baidu", identity: same[1]})
    problem = refused(hidden, 409, "lead_held_by_another")
    assert lead["id"] not in str(problem)
    await bureau.do(WANG, lead, "discard", reason_code="no_need")
    anew = {"channel": "baidu", "company": "另一家", identity: same[1], "owner_id": str(WANG)}
    assert said(await bureau.of(WANG).post("/v1/leads", json=anew), 201)["id"] != lead["id"]


async def test_one_contact_captured_many_times_at_once_is_one_lead(bureau: Bureau) -> None:
    body = {"channel": "zhihu", "company": "同时", "phone": "13700000001", "owner_id": str(WANG)}
    client = bureau.operations
    answers = await asyncio.gather(*(client.post("/v1/leads", json=body) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"phone": "12"}, "phone_impossible", "/phone"),
        ({"email": "nobody"}, "email_impossible", "/email"),
        ({"channel": "unheard"}, "unknown_channel", "/channel"),
        ({"campaign": "unheard"}, "unknown_campaign", "/campaign"),
        ({"owner_id": str(QIAN)}, "owner_has_left", "/owner_id"),
        ({"owner_id": str(UUID(int=7))}, "unknown_owner", "/owner_id"),
    ],
)
async def test_a_lead_that_cannot_be_is_refused_by_its_field(
    bureau: Bureau, body: dict[str, str], code: str, pointer: str
) -> None:
    answer = await bureau.operations.post("/v1/leads", json={"channel": "zhihu", **body})
    problem = refused(answer, 422, code)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.capability("S61")
async def test_a_lead_without_company_or_contact_is_no_valid_one_until_it_is_known(bureau: Bureau) -> None:
    lead = await bureau.lead(WANG, company=None, phone=None)
    assert lead["valid"] is False
    changed = await bureau.of(WANG).patch(
        f"/v1/leads/{lead['id']}",
        json={"company": "长江", "phone": "13600000001"},
        headers={"If-Match": f'"{lead["version"]}"'},
    )
    assert said(changed)["valid"] is True
    assert said(changed)["phone"] == "+8613600000001"
    facts = await bureau.facts(lead["id"])
    assert [fact["data"]["valid"] for fact in facts] == [False, True]


async def test_a_change_to_another_leads_number_is_refused(bureau: Bureau) -> None:
    await bureau.lead(WANG, phone="13600000002")
    lead = await bureau.lead(WANG)
    answer = await bureau.of(WANG).patch(
        f"/v1/leads/{lead['id']}", json={"phone": "136 0000 0002"}, headers={"If-Match": "*"}
    )
    refused(answer, 409, "lead_held_by_another")


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("qualify", {}, "lead_closed"),
        ("convert", {}, "lead_closed"),
        ("release", {"reason_code": "no_contact"}, "lead_closed"),
        ("change-intent", {"intent": "low"}, "lead_closed"),
        ("assign", {"owner_id": str(LI)}, "lead_closed"),
    ],
)
async def test_a_closed_lead_takes_contacts_alone(
    bureau: Bureau, verb: str, body: dict[str, str], code: str
) -> None:
    lead = await bureau.lead(WANG)
    await bureau.do(WANG, lead, "discard", reason_code="no_need")
    await bureau.contact(WANG, lead)
    answer = await bureau.of(SUE).post(f"/v1/leads/{lead['id']}/{verb}", json=body)
    refused(answer, 409, code)


async def test_a_contact_leaves_the_version_and_says_how_fast_it_was(bureau: Bureau) -> None:
    lead = await bureau.lead(WANG, occurred_at=ago(hours=5))
    first = await bureau.contact(WANG, lead, outcome="no_answer", occurred_at=ago(hours=2))
    assert first["token"] == f"{lead['id']}@2"
    shown = await bureau.read(lead)
    assert shown["version"] == lead["version"]
    assert 3 * 3600 - 5 <= shown["first_response_seconds"] <= 3 * 3600 + 5
    assert shown["first_visit_at"] is None
    await bureau.contact(WANG, lead, "demo")
    assert (await bureau.read(lead))["first_visit_at"] is not None
    listed = said(
        await bureau.of(WANG).get(f"/v1/leads/{lead['id']}/contacts", params={"outcome": "completed"})
    )
    assert [each["kind"] for each in listed["items"]] == ["demo"]


async def test_leads_are_found_by_what_people_search_by(bureau: Bureau) -> None:
    lead = await bureau.lead(
        WANG,
        channel="referral",
        company="寻找精密",
        contact_name="寻找工",
        intent="high",
        product_line="cloud",
        level="a",
    )
    for query in (
        {"text": "寻找精"},
        {"text": "寻找工"},
        {"channel": "referral", "intent": "high", "owner_id": str(WANG)},
        {"product_line": "cloud", "level": "a", "valid": "true", "contacted": "false"},
    ):
        found = said(await bureau.of(WANG).get("/v1/leads", params={**query, "state": "open"}))
        assert [each["id"] for each in found["items"]] == [lead["id"]], query
    assert said(await bureau.of(ZHAO).get("/v1/leads", params={"text": "寻找"}))["items"] == []
    assert (
        said(await bureau.of(SUE).get("/v1/leads", params={"text": "寻找"}))["items"][0]["id"] == lead["id"]
    )


async def test_programs_read_leads_without_learning_who_the_contact_is(bureau: Bureau) -> None:
    lead = await bureau.lead(WANG, contact_name="隐名", company="隐名公司")
    shown = said(await bureau.as_(Role.integrator).get(f"/v1/leads/{lead['id']}"))
    assert (shown["company"], shown["contact_name"], shown["phone"]) == ("隐名公司", None, None)
    assert shown["personal_hidden"] is True
    searched = said(await bureau.as_(Role.bi_reader).get("/v1/leads", params={"text": "隐名"}))
    assert [each["id"] for each in searched["items"]] == [lead["id"]]
    assert said(await bureau.as_(Role.administrator).get("/v1/leads"))["items"] == []


async def test_a_definition_of_a_valid_lead_is_versioned_and_begins_today_at_the_earliest(
    bureau: Bureau,
) -> None:
    configurer = bureau.as_(Role.administrator)
    current = await configurer.get("/v1/validity")
    assert said(current)["requirements"] == [
        "reachable",
        "named_company",
        "not_duplicate",
        "not_discarded_as_invalid",
    ]
    wanted = {"requirements": ["reachable"], "invalid_reasons": [], "effective_on": "2020-01-01"}
    headers = {"If-Match": current.headers["ETag"]}
    refused(await configurer.put("/v1/validity", json=wanted, headers=headers), 422, "validity_of_the_past")
    later = {**wanted, "effective_on": "2099-01-01"}
    assert said(await configurer.put("/v1/validity", json=later, headers=headers))["validity_version"] == 2
    refused(await configurer.put("/v1/validity", json=later, headers=headers), 412, "stale_version")
    versions = said(await configurer.get("/v1/validity/versions"))["items"]
    assert [each["validity_version"] for each in versions] == [2, 1]
    assert (await bureau.lead(WANG))["validity_version"] == 1
