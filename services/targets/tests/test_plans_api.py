"""Targets over HTTP."""

import asyncio
from typing import Any

import pytest

from .company import Company, person, problem, target, unit


async def division(company: Company, whole: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """A target's division, published."""
    answer = await company.post(f"targets/{whole['id']}/decompose", asked)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(parts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(part["code"], part["base"]) for part in parts]


@pytest.mark.capability("S18")
async def test_a_target_is_read_as_it_was_published(company: Company) -> None:
    answer = await company.post("targets", target("east", "1000000.00", challenge="1200000"))
    published = answer.json()
    assert (published["base"], published["challenge"], published["state"]) == (
        "1000000",
        "1200000",
        "published",
    )
    assert (published["owner_id"], published["subject_name"]) == (company.ids["mia"], "Unit east")
    assert (await company.operations.get(answer.headers["Location"])).json() == published


async def test_of_two_publications_at_once_one_wins(company: Company) -> None:
    bodies = [target("east", base) for base in ("100", "200")]
    answers = await asyncio.gather(*(company.post("targets", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    lost = next(answer for answer in answers if answer.status_code == 409).json()
    won = next(answer for answer in answers if answer.status_code == 201).json()
    assert lost["code"] == "target_published_already"
    assert won["id"] in lost["detail"]


@pytest.mark.capability("S9")
async def test_targets_of_other_dimensions_stand_beside_each_other(company: Company) -> None:
    await company.published(target("east", "100"))
    cloud = target("east", "40", dimensions={"product_line": "cloud"})
    await company.published(cloud)
    assert problem(await company.post("targets", cloud)) == (409, "target_published_already")


async def test_a_withdrawn_target_makes_room_for_the_next(company: Company) -> None:
    first = await company.published(target("east", "100"))
    withdrawn = await company.post(f"targets/{first['id']}/withdraw", {"reason_code": "mistake"})
    assert withdrawn.json()["state"] == "withdrawn"
    await company.published(target("east", "200"))
    assert await company.history(f"targets/{first['id']}") == ["target.published.v1", "target.withdrawn.v1"]
    revised = await company.post(f"targets/{first['id']}/revise", {"base": "1", "reason_code": "x"})
    assert problem(revised) == (409, "target_not_published")


@pytest.mark.capability("S24")
async def test_a_revision_overwrites_nothing(company: Company) -> None:
    path = f"targets/{(await company.published(target('east', '100')))['id']}"
    revision = {
        "base": "90",
        "challenge": "95",
        "reason_code": "market_change",
        "note": "王总同意",
        "approver_id": company.ids["mia"],
        "effective_on": "2026-07-01",
    }
    revised = await company.post(f"{path}/revise", revision, headers={"If-Match": '"1"'})
    assert (revised.json()["base"], revised.headers["ETag"]) == ("90", '"2"')
    again = await company.post(f"{path}/revise", revision, headers={"If-Match": '"1"'})
    assert problem(again) == (412, "stale_version")
    states = (await company.operations.get(f"/v1/{path}/revisions")).json()["items"]
    assert [(each["base"], each["approver_id"], each["note"]) for each in states] == [
        ("100", "operations", None),
        ("90", company.ids["mia"], "王总同意"),
    ]
    fact = (await company.operations.get(f"/v1/{path}/history")).json()["items"][1]
    assert fact["id"] == states[1]["event_id"]
    assert "王总同意" not in str(fact["data"])
    earlier = await company.post(f"{path}/revise", {**revision, "base": "80", "effective_on": "2026-06-30"})
    assert problem(earlier) == (422, "revision_out_of_order")
    stranger = {**revision, "base": "70", "approver_id": company.ids["co"]}
    assert problem(await company.post(f"{path}/revise", stranger)) == (422, "person_unknown")


async def test_a_reason_is_a_code_for_what_is_typed_freely_stands_in_no_event(company: Company) -> None:
    path = f"targets/{(await company.published(target('east', '100')))['id']}"
    for asked, body in (
        (f"{path}/revise", {"base": "90"}),
        (f"{path}/withdraw", {}),
        (f"people/{company.ids['bob']}/leave", {"left_on": "2199-01-01"}),
    ):
        refused = await company.post(asked, {**body, "reason_code": "王总电话里同意"})
        assert problem(refused) == (422, "request_invalid")
        assert refused.json()["errors"][0]["pointer"] == "/reason_code"
    row = {**target("east", "90"), "reason_code": "王总电话里同意"}
    (item,) = (await company.post("targets:batch", {"items": [row]})).json()["items"]
    assert item["problem"]["errors"][0]["pointer"] == "/reason_code"
    assert await company.history(path) == ["target.published.v1"]


@pytest.mark.capability("S7")
async def test_a_target_goes_down_the_tree_to_the_people_each_with_an_owner(company: Company) -> None:
    whole = await company.published(target("co", "1000000"))
    regions = await division(
        company, whole, over="units", parts=[{"code": "east", "weight": 2}, {"code": "west"}]
    )
    assert shown(regions["parts"]) == [("east", "666666.67"), ("west", "333333.33")]
    east = await company.operations.get(f"/v1/targets/{regions['parts'][0]['id']}")
    assert (east.json()["owner_id"], east.json()["parent_id"]) == (company.ids["mia"], whole["id"])
    below = await division(company, east.json(), over="units_and_people")
    assert shown(below["parts"]) == [("e1", "333333.33"), ("mia", "333333.34")]
    people = await division(company, below["parts"][0], over="people")
    assert shown(people["parts"]) == [("ann", "166666.66"), ("bob", "166666.67")]
    ann = await company.operations.get(f"/v1/targets?person={company.ids['ann']}")
    assert [item["owner_id"] for item in ann.json()["items"]] == [company.ids["ann"]]


@pytest.mark.capability("S8")
async def test_a_target_goes_down_from_the_year_to_the_day(company: Company) -> None:
    whole = await company.published(target("ann", "1200", kind="person", metric="visits"))
    quarters = await division(company, whole, over="periods", kind="quarter")
    assert [part["base"] for part in quarters["parts"]] == ["300"] * 4
    seasons = [{"code": f"2026-0{month}", "weight": weight} for month, weight in ((7, 1), (8, 1), (9, 2))]
    months = await division(company, quarters["parts"][2], over="periods", parts=seasons)
    assert [part["base"] for part in months["parts"]] == ["75", "75", "150"]
    weeks = await division(company, months["parts"][2], over="periods", kind="week")
    assert shown(weeks["parts"])[:2] == [("2026-W36", "36"), ("2026-W37", "38")]
    assert weeks["sum"]["base_mismatch"] == "0"
    for day in range(7, 12):
        await company.post(
            "calendar/periods",
            {
                "code": f"day-{day}",
                "name": f"9/{day}",
                "starts_on": f"2026-09-{day:02}",
                "ends_on": f"2026-09-{day + 1:02}",
            },
        )
    days = await division(company, weeks["parts"][1], over="periods", kind="custom")
    assert sum(int(part["base"]) for part in days["parts"]) == 38
    assert len(days["parts"]) == 5


@pytest.mark.capability("S9")
async def test_a_target_is_divided_over_product_lines_and_then_over_people(company: Company) -> None:
    whole = await company.published(target("e1", "1000"))
    lines = await division(
        company,
        whole,
        over="dimension",
        dimension="product_line",
        parts=[{"code": "cloud", "weight": 3}, {"code": "edge"}],
    )
    assert [(part["dimensions"], part["base"]) for part in lines["parts"]] == [
        ({"product_line": "cloud"}, "750"),
        ({"product_line": "edge"}, "250"),
    ]
    people = await division(company, lines["parts"][0], over="people")
    assert {part["dimensions"]["product_line"] for part in people["parts"]} == {"cloud"}


async def test_a_trial_division_shows_the_parts_and_publishes_none(company: Company) -> None:
    whole = await company.published(target("co", "100"))
    answer = await company.post(f"targets/{whole['id']}/decompose?validate_only=true", {"over": "units"})
    assert answer.status_code == 200
    assert [(part["id"], part["base"]) for part in answer.json()["parts"]] == [(None, "50"), (None, "50")]
    assert len((await company.operations.get("/v1/targets")).json()["items"]) == 1


async def test_a_mismatch_of_parts_and_whole_is_shown(company: Company) -> None:
    whole = await company.published(target("co", "100", challenge="120"))
    by_hand = [{"code": "east", "base": "70", "challenge": "80"}, {"code": "west", "base": "40"}]
    done = await division(company, whole, over="units", parts=by_hand)
    assert (done["sum"]["base_mismatch"], done["sum"]["challenge_mismatch"]) == ("10", "0")
    await company.post(f"targets/{done['parts'][0]['id']}/revise", {"base": "55", "reason_code": "x"})
    await division(company, whole, over="periods", kind="half")
    sums = (await company.operations.get(f"/v1/targets/{whole['id']}/children")).json()["sums"]
    assert [(each["over"], each["count"], each["base_mismatch"]) for each in sums] == [
        ("periods", 2, "0"),
        ("subjects", 2, "-5"),
    ]


async def test_parts_are_listed_by_period_and_subject_whatever_changed_last(company: Company) -> None:
    whole = await company.published(target("co", "100"))
    parts = (await division(company, whole, over="units"))["parts"]
    await company.post(f"targets/{parts[0]['id']}/revise", {"base": "55", "reason_code": "x"})
    children = (await company.operations.get(f"/v1/targets/{whole['id']}/children")).json()["items"]
    assert [(each["subject_code"], each["base"]) for each in children] == [("east", "55"), ("west", "50")]


async def test_a_target_is_divided_over_the_tree_of_its_period(company: Company) -> None:
    moved = {"items": [unit("e1", "west", kind="team", effective_on="2199-01-01")]}
    assert (await company.post("units:batch", moved)).json()["failed"] == 0
    whole = await company.published(target("east", "100"))
    trial = await company.post(f"targets/{whole['id']}/decompose?validate_only=true", {"over": "units"})
    assert shown(trial.json()["parts"]) == [("e1", "100")]


async def test_a_division_that_meets_a_published_part_changes_nothing(company: Company) -> None:
    whole = await company.published(target("co", "100"))
    await company.published(target("west", "10"))
    refused = await company.post(f"targets/{whole['id']}/decompose", {"over": "units"})
    assert problem(refused) == (409, "target_published_already")
    assert len((await company.operations.get("/v1/targets")).json()["items"]) == 2


async def test_a_division_that_cannot_be_is_refused(company: Company) -> None:
    whole = await company.published(target("co", "100"))
    given = [{"code": "east", "base": "101"}, {"code": "west"}]
    fine = [{"code": "west"}, {"code": "east", "base": "0.001"}]
    short = [{"code": "east", "base": "2", "challenge": "1"}]
    lines = [{"code": "cloud"}]
    for asked, code, pointer in (
        ({"over": "periods"}, "request_invalid", ""),
        ({"over": "dimension", "dimension": "product_line"}, "request_invalid", ""),
        ({"over": "units", "parts": [{"code": "east", "challenge": "9"}]}, "request_invalid", "/parts/0"),
        ({"over": "people"}, "nothing_to_divide_over", "/over"),
        ({"over": "units", "parts": [{"code": "e1"}]}, "part_unknown", "/parts/0/code"),
        ({"over": "units", "parts": [{"code": "east", "weight": 0}]}, "parts_without_weight", "/parts"),
        ({"over": "units", "parts": given}, "shares_exceed_target", "/parts"),
        ({"over": "units", "parts": fine}, "value_too_fine", "/parts/1/base"),
        ({"over": "units", "parts": short}, "challenge_not_beyond_base", "/parts/0/challenge"),
        ({"over": "dimension", "dimension": "mood", "parts": lines}, "dimension_unknown", "/dimension"),
        ({"over": "periods", "parts": [{"code": "2026-Q1"}, {"code": "2026-01"}]}, "parts_overlap", "/parts"),
        ({"over": "periods", "parts": [{"code": "2027-Q1"}]}, "part_unknown", "/parts/0/code"),
    ):
        answer = await company.post(f"targets/{whole['id']}/decompose", asked)
        assert problem(answer) == (422, code), asked
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], asked


async def test_a_target_of_one_product_line_is_not_divided_over_product_lines(company: Company) -> None:
    whole = await company.published(target("co", "100", dimensions={"product_line": "cloud"}))
    asked = {"over": "dimension", "dimension": "product_line", "parts": [{"code": "edge"}]}
    refused = await company.post(f"targets/{whole['id']}/decompose", asked)
    assert problem(refused) == (422, "nothing_to_divide_over")
    assert refused.json()["errors"][0]["pointer"] == "/dimension"


async def test_withdrawing_the_whole_can_take_its_parts_along(company: Company) -> None:
    whole = await company.published(target("co", "100"))
    regions = await division(company, whole, over="units")
    await division(company, regions["parts"][0], over="units")
    path = f"targets/{whole['id']}/withdraw"
    assert problem(await company.post(path, {"reason_code": "x"})) == (409, "parts_still_published")
    assert (await company.post(path, {"reason_code": "x", "with_parts": True})).status_code == 200
    left = await company.operations.get("/v1/targets?state=published")
    assert left.json()["items"] == []


async def test_targets_come_in_batches_and_change_for_a_reason(company: Company) -> None:
    async def send(*rows: dict[str, Any]) -> list[tuple[int, str | None, bool]]:
        items = (await company.post("targets:batch", {"items": list(rows)})).json()["items"]
        return [
            (item["status"], (item["problem"] or {}).get("code"), item["token"] is not None) for item in items
        ]

    east, ann = target("east", "100"), target("ann", "10", kind="person", owner_code="mia")
    assert await send(east, ann) == [(201, None, True), (201, None, True)]
    assert await send(east, ann) == [(200, None, False), (200, None, False)]
    assert await send(
        {**east, "base": "90"},
        {**ann, "base": "9", "reason_code": "market_change"},
        {**ann, "base": "9", "weight": "2"},
        {**ann, "base": "9", "owner_code": "bob"},
        target("nowhere", "1"),
        target("west", "1", period="2026-Q9"),
        target("west", "1", subject_id=company.ids["west"]),
        target("west", "0.001"),
    ) == [
        (422, "revision_needs_reason", False),
        (200, None, True),
        (409, "terms_are_fixed", False),
        (409, "terms_are_fixed", False),
        (404, "not_found", False),
        (422, "period_unknown", False),
        (422, "request_invalid", False),
        (422, "value_too_fine", False),
    ]


async def test_nobody_is_there_before_they_were_hired(company: Company) -> None:
    refused = await company.post("targets", target("ann", "1", kind="person", period="2019"))
    assert problem(refused) == (422, "subject_not_there")
    assert refused.json()["errors"][0]["pointer"] == "/subject_code"


async def test_targets_are_searched_and_sorted(company: Company) -> None:
    rows = [
        target("east", "300"),
        target("west", "200", period="2026-Q3"),
        target("ann", "20", kind="person", metric="visits"),
        target("e1", "100", dimensions={"product_line": "cloud"}),
    ]
    answer = await company.post("targets:batch", {"items": rows})
    await company.post(f"targets/{answer.json()['items'][3]['id']}/withdraw", {"reason_code": "x"})
    for query, subjects in {
        "metric=visits": ["ann"],
        "period=2026-Q3": ["west"],
        "text=unit%20e&sort=base": ["e1", "east"],
        "state=withdrawn": ["e1"],
        f"unit={company.ids['west']}": ["west"],
        f"owner={company.ids['mia']}": ["east"],
        "sort=-base&limit=2": ["east", "west"],
    }.items():
        found = await company.operations.get(f"/v1/targets?{query}")
        assert [item["subject_code"] for item in found.json()["items"]] == subjects, query


async def test_who_joined_later_takes_part_in_the_period_of_today(company: Company) -> None:
    await company.post("units:batch", {"items": [unit("e2", "east", kind="team")]})
    await company.post("people:batch", {"items": [person("new", "e2", hired_on="2026-11-01")]})
    whole = await company.published(target("e2", "100", period="2026"))
    assert shown((await division(company, whole, over="people"))["parts"]) == [("new", "100")]
