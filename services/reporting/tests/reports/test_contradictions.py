"""A figure that somebody doubts is told anew from its events at once, and those events are the answer."""

from datetime import date
from typing import Any

import pytest
from httpx2 import Response

from contracts import Role
from testkit.history import History

from .conftest import Reports

JULY = {"starts_on": "2026-07-01", "ends_on": "2026-08-01"}


async def doubt(reports: Reports, who: Any = None, role: Role = Role.director, **body: Any) -> Response:
    client = reports.api.client(role, str(who)) if who else reports.api.client(role)
    return await client.post("/v1/contradictions", json=body)


async def drifts(reports: Reports) -> list[str]:
    async with reports.api.database.connect() as connection:
        rows = await connection.fetch("select type from messaging.ledger order by id")
    return [row["type"].removeprefix("reporting.") for row in rows]


@pytest.mark.capability("S162")
async def test_a_doubted_figure_is_told_anew_and_answered_with_the_events_behind_it(reports: Reports) -> None:
    history = History()
    history.sales_amount()
    team = history.unit("team")
    wang = history.person("E1", unit=team)
    for amount in (100, 200, 300):
        history.deal(wang, at=date(2026, 7, 1), amount=amount).won()
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "unit_code": "team", **JULY}
    right = await doubt(reports, **asked, said="mine were 900")
    assert right.status_code == 201, right.text
    answer = right.json()
    assert (answer["agrees"], answer["records"], answer["checked"]) == (True, 3, 3)
    assert answer["explanation"]["actual"]["amount"] == "600.00"
    assert len(answer["explanation"]["items"]) == 3
    assert "mine were 900" not in str(await drifts(reports))

    async with reports.api.database.connect() as connection:
        await connection.execute(
            "with gone as (delete from projection.fact where metric = 'sales_amount' and value = 200 returning *)"
            "update projection.rollup set sum = sum - 200, count = rollup.count - 1"
            " from gone where (rollup.metric, rollup.day, slice) = (gone.metric, gone.day, gone.partition)"
        )
    wrong = (await doubt(reports, **asked)).json()
    assert (wrong["agrees"], wrong["records"]) == (False, 3)
    assert wrong["differing"] == {"fact": 1}
    assert await drifts(reports) == [
        "contradiction.reported.v1",
        "projection.drifted.v1",
        "contradiction.reported.v1",
    ]
    listed = await reports.read("contradictions")
    assert [each["agrees"] for each in listed["items"]] == [False, True]
    read = await reports.read(f"contradictions/{wrong['id']}")
    assert (read["agrees"], read["explanation"]["subject"]["code"]) == (False, "team")


async def test_an_opportunity_is_answered_with_its_history_and_others_do_not_see_the_report(
    reports: Reports,
) -> None:
    history = History()
    team = history.unit("team")
    wang, li = history.person("E1", unit=team), history.person("E2", unit=team)
    deal = history.deal(wang, amount=100).interaction().moved("intent")
    await reports.hear(history)
    body: dict[str, Any] = {"opportunity_id": str(deal.id)}
    answer = (await doubt(reports, wang, Role.representative, **body)).json()
    assert answer["agrees"]
    assert [each["sequence"] for each in answer["history"]] == [1, 2, 3]
    assert (await doubt(reports, li, Role.representative, **body)).status_code == 404
    path = f"contradictions/{answer['id']}"
    assert (await reports.ask(path, role=Role.representative, who=li)).status_code == 404
    theirs = await reports.read("contradictions", role=Role.representative, who=li)
    assert theirs["items"] == []


@pytest.mark.parametrize(
    "body", [{}, {"metric": "m", "opportunity_id": "0198c1de-0000-7000-8000-000000000001"}]
)
async def test_a_report_names_one_figure(reports: Reports, body: dict[str, Any]) -> None:
    refused = await doubt(reports, **body)
    assert (refused.status_code, refused.json()["code"]) == (422, "figure_needed")
