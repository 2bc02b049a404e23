"""Who reads and who changes what."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from contracts import Role

from .company import Company, person, problem, target, unit

READERS = [Role.integrator, Role.bi_reader, Role.representative, Role.director]


async def seen(client: AsyncClient) -> set[str]:
    """The subjects whose targets a client sees."""
    answer = await client.get("/v1/targets")
    return {item["subject_code"] for item in answer.json()["items"]}


@pytest.fixture
async def targets(company: Company) -> dict[str, Any]:
    """One target for each unit and person, by the subject's code."""
    units = [target(code, "100") for code in ("co", "east", "west", "e1")]
    people = [target(code, "10", kind="person") for code in ("mia", "ann", "bob", "wu")]
    answer = await company.post("targets:batch", {"items": [*units, *people]})
    ids = [item["id"] for item in answer.json()["items"]]
    return dict(zip(("co", "east", "west", "e1", "mia", "ann", "bob", "wu"), ids, strict=True))


async def test_everybody_reads_the_organisation_and_few_change_it(company: Company) -> None:
    for role in READERS:
        client = company.api.client(role)
        assert (await client.get("/v1/units")).status_code == 200
        assert (await client.get("/v1/metrics")).status_code == 200
        for path, body in (
            ("units", unit("x")),
            ("people:batch", {"items": [person("x")]}),
            ("calendar/years/2044:generate", None),
        ):
            assert problem(await client.post(f"/v1/{path}", json=body)) == (403, "forbidden")


async def test_an_administrator_configures_and_sees_no_targets(
    company: Company, targets: dict[str, Any]
) -> None:
    client = company.api.client(Role.administrator, "admin")
    assert (await client.post("/v1/units", json=unit("x", "co"))).status_code == 201
    assert await seen(client) == set()
    assert problem(await client.post("/v1/targets", json=target("west", "1"))) == (403, "forbidden")


@pytest.mark.capability("S212")
async def test_targets_are_seen_as_far_as_the_role_reaches(company: Company, targets: dict[str, Any]) -> None:
    everything = set(targets)
    assert await seen(company.as_person(Role.representative, "ann")) == {"ann", "e1"}
    assert await seen(company.as_person(Role.manager, "mia")) == {"east", "e1", "mia", "ann", "bob"}
    assert await seen(company.api.client(Role.director)) == everything
    assert await seen(company.api.client(Role.bi_reader, "bi")) == everything
    assert await seen(company.api.client(Role.manager)) == set()


async def test_a_strangers_target_is_not_there(company: Company, targets: dict[str, Any]) -> None:
    ann, mia = company.as_person(Role.representative, "ann"), company.as_person(Role.manager, "mia")
    for below in ("", "/children", "/revisions", "/history"):
        assert problem(await ann.get(f"/v1/targets/{targets['bob']}{below}")) == (404, "not_found")
    for verb, body in (
        ("revise", {"base": "1", "reason_code": "x"}),
        ("withdraw", {"reason_code": "x"}),
        ("decompose", {"over": "people"}),
    ):
        refused = await mia.post(f"/v1/targets/{targets['west']}/{verb}", json=body)
        assert problem(refused) == (404, "not_found")
    assert problem(await mia.post("/v1/targets", json=target("wu", "1", kind="person"))) == (404, "not_found")
    batch = await mia.post("/v1/targets:batch", json={"items": [target("west", "1"), target("e1", "100")]})
    assert [item["status"] for item in batch.json()["items"]] == [404, 200]
    foreign_parent = target("e1", "1", period="2026-Q1", parent_id=targets["co"])
    assert problem(await mia.post("/v1/targets", json=foreign_parent)) == (404, "not_found")


async def test_a_manager_plans_within_what_they_lead(company: Company, targets: dict[str, Any]) -> None:
    mia = company.as_person(Role.manager, "mia")
    revised = await mia.post(
        f"/v1/targets/{targets['e1']}/revise", json={"base": "90", "reason_code": "market_change"}
    )
    assert revised.json()["base"] == "90"
    ann = company.as_person(Role.representative, "ann")
    refused = await ann.post(f"/v1/targets/{targets['e1']}/revise", json={"base": "1", "reason_code": "x"})
    assert problem(refused) == (403, "forbidden")


async def test_parts_that_the_asker_does_not_see_are_only_in_the_sums(company: Company) -> None:
    whole = await company.published(target("e1", "100"))
    await company.post(f"targets/{whole['id']}/decompose", {"over": "people"})
    ann = company.as_person(Role.representative, "ann")
    children = (await ann.get(f"/v1/targets/{whole['id']}/children")).json()
    assert [item["subject_code"] for item in children["items"]] == ["ann"]
    assert (children["hidden"], children["sums"][0]["base"]) == (1, "100")


async def test_scope_follows_the_organisation_at_once(company: Company, targets: dict[str, Any]) -> None:
    mia = company.as_person(Role.manager, "mia")
    await company.post(f"people/{company.ids['wu']}/move", {"unit_code": "e1"})
    assert "wu" in await seen(mia)
    await company.post("units:batch", {"items": [unit("east", "co", manager_code="wu")]})
    assert await seen(mia) == {"east", "mia"}
