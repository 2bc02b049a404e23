"""The shortcuts of the hot writes do what their routes do, and leave to them whatever is out of the ordinary."""

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from contracts import Role

from .office import DORA, LI, MAX, QIAN, SUE, WANG, ZHAO, Office, refused, said, statements

BY_ROUTE = {"Content-Type": "application/json; charset=utf-8"}
"""What only the route looks at."""

CALL = {"kind": "call", "direction": "outbound", "summary": "客户要看样机", "next_step": "送样机"}


async def _post(office: Office, path: str, body: object, **headers: str) -> Response:
    return await office.of(WANG).post(path, json=body, headers=headers)


async def _both(office: Office, path: str, body: object, status: int) -> tuple[Any, Any]:
    """What is answered and kept for a request by its shortcut, and for the same about another record by its route."""
    found = []
    for headers in ({}, BY_ROUTE):
        about = (await office.opportunity())["id"]
        with statements(office) as sent:
            answer = await _post(office, path.format(about), body, **headers)
        assert bool(sent) is bool(headers), "what went through SQLAlchemy went by the route"
        answered = said(answer, status)
        told = answer.headers["attain-token"].partition("@")[0]
        found.append((list(answered), _alike(answer, told), await _kept(office, told)))
    return found[0], found[1]


async def _kept(office: Office, opportunity_id: str) -> list[str]:
    async with office.api.database.connect() as connection:
        rows = [
            *await connection.fetch("select * from opportunity where id::text = $1", opportunity_id),
            *await connection.fetch("select * from note where opportunity_id::text = $1", opportunity_id),
            *await connection.fetch(
                "select * from interaction where opportunity_id::text = $1", opportunity_id
            ),
            *await connection.fetch(
                "select topic, sequence, type, convert_from(envelope, 'utf8') as envelope "
                "from messaging.ledger where root = $1 order by id",
                opportunity_id,
            ),
        ]
    return [_without_ids(str({**row, "source_row": None})) for row in rows]


def _alike(answer: Response, opportunity_id: str) -> str:
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return _without_ids(f"{answer.status_code} {sorted(headers.items())} {answer.text}")


def _without_ids(text: str) -> str:
    """The text without what differs from one record to the next: ids, instants and traces."""
    text = re.sub(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", "TRACE", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"datetime\.datetime\(\d{4}, [\d, ]+, tzinfo=\S+?\)", "INSTANT", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "INSTANT", text)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/opportunities", {"title": "MES 一期", "amount": "1200.5", "product_line": "mes"}, 201),
        ("/v1/opportunities/{}/change-stage", {"stage": "intent", "note": "约好下周"}, 200),
        ("/v1/opportunities/{}/change-stage", {"stage": "intent", "note": ""}, 200),
        ("/v1/opportunities/{}/interactions", CALL, 201),
    ],
)
async def test_a_shortcut_answers_and_keeps_what_its_route_does(
    office: Office, path: str, body: dict[str, Any], status: int
) -> None:
    shortcut, route = await _both(office, path, body, status)
    assert shortcut == route


async def test_a_shortcut_names_the_customer_and_whoever_was_asked_to_own_it(office: Office) -> None:
    customer = await office.customer()
    with statements(office) as sent:
        opened = said(
            await office.of(SUE).post(
                "/v1/opportunities",
                json={"title": "MES", "owner_id": str(LI), "customer_id": customer["id"]},
            ),
            201,
        )
        moved = await office.do(LI, opened, "change-stage", stage="intent")
    assert sent == []
    for shown in (opened, moved):
        assert (shown["owner_name"], shown["customer_name"]) == ("E2", "长江精密制造")


@pytest.mark.parametrize(
    ("who", "body", "code"),
    [
        (SUE, {"owner_id": str(ZHAO)}, "unknown_owner"),
        (DORA, {"owner_id": str(QIAN)}, "owner_has_left"),
        (SUE, {"customer_id": str(WANG)}, "unknown_customer"),
        (SUE, {"pipeline": "nowhere"}, "unknown_pipeline"),
    ],
)
async def test_what_stands_against_opening_is_said_by_the_route(
    office: Office, who: UUID, body: dict[str, Any], code: str
) -> None:
    refused(await office.of(who).post("/v1/opportunities", json={"title": "MES", **body}), 422, code)


async def test_a_customer_of_other_people_is_not_sold_to_by_a_shortcut(office: Office) -> None:
    customer = await office.customer(ZHAO)
    answer = await _post(office, "/v1/opportunities", {"title": "MES", "customer_id": customer["id"]})
    refused(answer, 422, "unknown_customer")


async def test_an_edit_of_a_version_that_is_gone_is_refused_and_one_of_this_version_is_not(
    office: Office,
) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}/change-stage"
    assert (await _post(office, path, {"stage": "intent"}, **{"If-Match": '"7"'})).status_code == 412
    said(await _post(office, path, {"stage": "intent"}, **{"If-Match": '"1"'}), 200)


async def test_the_pipeline_that_was_defined_last_is_opened_under(office: Office) -> None:
    for version in (1, 2):
        stages = [
            {"code": f"first{version}", "name_en": "f", "name_zh": "一", "probability": "0.1"}
            | {"expected_dwell_days": 1}
        ]
        defined = {"code": "renewed", "name_en": "r", "name_zh": "续", "stages": stages}
        said(await office.operations.post("/v1/pipelines", json=defined), 201)
        for _ in range(2):
            opened = said(
                await _post(office, "/v1/opportunities", {"title": "MES", "pipeline": "renewed"}), 201
            )
            assert (opened["stage"], opened["pipeline_version"]) == (f"first{version}", version)


async def test_a_key_has_the_work_done_once_and_answered_twice(office: Office) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}/interactions"
    first = await _post(office, path, CALL, **{"Idempotency-Key": "shortcut"})
    again = await _post(office, path, CALL, **{"Idempotency-Key": "shortcut"})
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await office.facts("opportunities", opportunity["id"])) == 2


async def test_whoever_comes_second_is_told_what_the_first_left(office: Office) -> None:
    opportunity = await office.opportunity()
    answers = await asyncio.gather(
        *(office.ask(who, opportunity, "change-stage", stage="intent") for who in (WANG, SUE, MAX))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    facts = await office.facts("opportunities", opportunity["id"])
    assert [fact["sequence"] for fact in facts] == [1, 2]


async def test_whoever_is_no_person_takes_the_shortcut_too(office: Office) -> None:
    opportunity = await office.opportunity()
    path = f"/v1/opportunities/{opportunity['id']}/interactions"
    with statements(office) as sent:
        answer = await office.as_(Role.director).post(path, json=CALL)
    assert said(answer, 201)["logged_by_id"] is None
    assert sent == []
