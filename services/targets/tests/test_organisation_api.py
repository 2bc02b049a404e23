"""Units, people and memberships over HTTP."""

import asyncio
from datetime import timedelta

from contracts import Role
from testkit.http import Api

from .company import FIRST_DAY, Company, person, problem, today, unit


async def test_a_unit_is_read_as_it_was_created(api: Api) -> None:
    operations = api.client(Role.operations)
    created = await operations.post("/v1/units", json=unit("co", kind="company"))
    assert created.status_code == 201
    read = await operations.get(created.headers["Location"])
    assert read.json() == created.json()
    assert read.headers["ETag"] == '"1"'
    assert read.headers["Attain-Token"] == read.json()["token"] == f"{read.json()['id']}@1"


async def test_the_same_rows_again_make_no_fact(company: Company) -> None:
    rows = [unit("east", "co", manager_code="mia", region="east"), unit("e1", "east", kind="team")]
    answer = await company.post("units:batch", {"items": rows})
    assert [(item["status"], item["token"]) for item in answer.json()["items"]] == [(200, None)] * 2
    people = await company.post("people:batch", {"items": [person("ann", "e1"), person("wu", "west")]})
    assert [(item["status"], item["token"]) for item in people.json()["items"]] == [(200, None)] * 2
    assert await company.history(f"people/{company.ids['ann']}") == [
        "person.hired.v1",
        "membership.changed.v1",
    ]


async def test_a_changed_row_makes_the_new_facts_only(company: Company) -> None:
    rows = [person("ann", "west", "supervisor", member_from="2026-01-05"), person("bob", "e1")]
    answer = await company.post("people:batch", {"items": rows})
    assert [item["version"] for item in answer.json()["items"]] == [4, 2]
    assert (await company.history(f"people/{company.ids['ann']}"))[2:] == [
        "person.role_changed.v1",
        "membership.changed.v1",
    ]


async def test_a_bad_row_stops_no_other(company: Company) -> None:
    rows = [
        unit("e2", "nowhere"),
        {"code": "e3"},
        unit("e4", "east"),
        unit("co", "e1"),
        unit("early", "co", effective_on="2019-12-31"),
    ]
    answer = await company.post("units:batch", {"items": rows})
    assert answer.status_code == 207
    assert [item["status"] for item in answer.json()["items"]] == [422, 422, 201, 409, 409]
    codes = [(item["problem"] or {}).get("code") for item in answer.json()["items"]]
    assert codes == ["unit_unknown", "request_invalid", None, "unit_above_itself", "unit_not_there"]


async def test_a_refusal_points_to_the_field_that_was_named(company: Company) -> None:
    await company.post(f"people/{company.ids['bob']}/leave", {"left_on": "2026-01-05", "reason_code": "x"})
    await company.post("units", unit("new", "co", effective_on="2027-01-01"))
    people = [
        person("ann", "e1", display_name="Another"),
        person("ann", "e1", hired_on="2020-01-02"),
        person("ann", "west", member_from="2019-12-31"),
        person("ann", "new", member_from="2026-01-01"),
    ]
    units = [
        unit("co", "e1", kind="company"),
        unit("west", "co", manager_code="bob", effective_on="2026-02-02"),
        unit("e2", "co", manager_code="bob", effective_on="2026-02-02"),
    ]
    answers = [
        *(await company.post("people:batch", {"items": people})).json()["items"],
        *(await company.post("units:batch", {"items": units})).json()["items"],
    ]
    refusals = [item["problem"] for item in answers]
    assert [(each["code"], each["errors"][0]["pointer"]) for each in refusals] == [
        ("hire_is_fixed", "/display_name"),
        ("hire_is_fixed", "/hired_on"),
        ("not_employed_then", "/member_from"),
        ("unit_not_there", "/member_from"),
        ("unit_above_itself", "/parent_code"),
        ("not_employed_then", "/manager_code"),
        ("not_employed_then", "/manager_code"),
    ]


async def test_a_trial_run_keeps_nothing(company: Company) -> None:
    answer = await company.post("people:batch?validate_only=true", {"items": [person("new", "e1")]})
    assert answer.json()["items"][0]["status"] == 201
    assert (await company.operations.get("/v1/people?text=new")).json()["items"] == []


async def test_a_change_needs_the_version_that_was_read(company: Company) -> None:
    path = f"/v1/units/{company.ids['west']}"
    assert problem(await company.operations.patch(path, json={"name": "W"})) == (428, "if_match_required")
    stale = await company.operations.patch(path, json={"name": "W"}, headers={"If-Match": '"9"'})
    assert problem(stale) == (412, "stale_version")
    changed = await company.operations.patch(path, json={"name": "W"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.headers["ETag"]) == ("W", '"2"')
    assert await company.history(f"units/{company.ids['west']}") == ["unit.created.v1", "unit.changed.v1"]


async def test_a_unit_closes_once_it_holds_nobody(company: Company) -> None:
    path = f"units/{company.ids['west']}/close"
    body = {"closed_on": str(today())}
    assert problem(await company.post(path, body)) == (409, "unit_in_use")
    await company.post(f"people/{company.ids['wu']}/move", {"unit_code": "e1", "effective_on": str(today())})
    assert (await company.post(path, body)).json()["closed_on"] == str(today())
    joined = await company.post("people", person("late", "west", member_from=str(today())))
    assert problem(joined) == (409, "unit_not_there")


async def test_a_unit_with_units_below_is_not_closed(company: Company) -> None:
    path = f"units/{company.ids['co']}/close"
    assert problem(await company.post(path, {"closed_on": str(today())})) == (409, "unit_in_use")


async def test_a_move_keeps_what_was_before(company: Company) -> None:
    move = {"unit_code": "west", "effective_on": "2026-03-02"}
    moved = await company.post(f"people/{company.ids['ann']}/move", move)
    assert moved.json()["unit_id"] == company.ids["west"]
    held = await company.operations.get(f"/v1/memberships?person={company.ids['ann']}")
    assert [(m["unit_id"], m["valid_from"], m["valid_to"]) for m in held.json()["items"]] == [
        (company.ids["e1"], FIRST_DAY, "2026-03-02"),
        (company.ids["west"], "2026-03-02", None),
    ]
    before = await company.operations.get(f"/v1/memberships?unit={company.ids['e1']}&on=2026-03-01")
    assert {m["person_id"] for m in before.json()["items"]} == {company.ids["ann"], company.ids["bob"]}


async def test_who_leaves_belongs_nowhere_afterwards_and_stays_on_record(company: Company) -> None:
    path, day = f"people/{company.ids['bob']}", str(today())
    assert (await company.post(f"{path}/leave", {"left_on": day})).status_code == 422
    left = await company.post(f"{path}/leave", {"left_on": day, "reason_code": "resigned"})
    assert (left.json()["left_on"], left.json()["unit_id"]) == (day, None)
    held = await company.operations.get(f"/v1/memberships?person={company.ids['bob']}")
    assert [m["valid_to"] for m in held.json()["items"]] == [day]
    assert (await company.history(path))[-1] == "person.left.v1"
    gone = await company.operations.get("/v1/people?state=ended")
    assert [each["code"] for each in gone.json()["items"]] == ["bob"]
    moved = await company.post(f"{path}/move", {"unit_code": "west"})
    assert problem(moved) == (409, "not_employed_then")


async def test_a_role_changes_from_today(company: Company) -> None:
    path = f"/v1/people/{company.ids['ann']}"
    changed = await company.operations.patch(path, json={"role": "supervisor"}, headers={"If-Match": '"2"'})
    assert changed.json()["role"] == "supervisor"
    program = await company.operations.patch(path, json={"role": "integrator"}, headers={"If-Match": '"3"'})
    assert problem(program) == (422, "role_not_for_people")


async def test_lists_are_searched_and_sorted(company: Company) -> None:
    for query, codes in {
        "units?kind=region&sort=-code": ["west", "east"],
        "units?text=UNIT%20E": ["e1", "east"],
        "units?region=east": ["east"],
        "people?role=manager": ["mia"],
        "people?text=bo": ["bob"],
        "people?sort=-code&limit=2": ["wu", "mia"],
    }.items():
        answer = await company.operations.get(f"/v1/{query}")
        assert [item["code"] for item in answer.json()["items"]] == codes, query


async def test_people_and_units_are_found_by_their_place(company: Company) -> None:
    async def codes(query: str) -> list[str]:
        answer = await company.operations.get(f"/v1/{query}")
        return [item["code"] for item in answer.json()["items"]]

    east = company.ids["east"]
    assert await codes(f"people?unit={east}") == ["ann", "bob", "mia"]
    assert await codes(f"people?unit={east}&subtree=false") == ["mia"]
    assert await codes(f"units?below={east}") == ["e1", "east"]
    assert await codes(f"units?parent={company.ids['co']}") == ["east", "west"]
    assert await codes(f"units?manager={company.ids['mia']}") == ["east"]


async def test_pages_follow_each_other_until_the_last(company: Company) -> None:
    seen, cursor = [], ""
    while True:
        page = (await company.operations.get(f"/v1/people?limit=3{cursor}")).json()
        seen += [item["code"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ["ann", "bob", "mia", "wu"]
    newest_first = await company.operations.get(f"/v1/people/{company.ids['ann']}/history?sort=-sequence")
    assert newest_first.json()["code"] == "parameter_unknown", "a history has one order"
    history = await company.operations.get(f"/v1/people/{company.ids['ann']}/history?limit=1")
    rest = await company.operations.get(
        f"/v1/people/{company.ids['ann']}/history?cursor={history.json()['next']}"
    )
    assert [item["sequence"] for item in rest.json()["items"]] == [2]


async def test_two_hires_under_one_code_are_one_person(company: Company) -> None:
    answers = await asyncio.gather(*(company.post("people", person("twin", "e1")) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert next(each for each in answers if each.status_code == 409).json()["code"] == "code_taken"


async def test_two_moves_at_once_make_no_circle(company: Company) -> None:
    ids = company.ids
    moves = (("east", "west"), ("west", "east"))
    answers = await asyncio.gather(
        *(
            company.operations.patch(
                f"/v1/units/{ids[unit]}", json={"parent_code": parent}, headers={"If-Match": "*"}
            )
            for unit, parent in moves
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_same_request_under_one_key_hires_once(company: Company) -> None:
    headers = {"Idempotency-Key": "hire-1"}
    first = await company.post("people", person("once", "e1"), headers=headers)
    again = await company.post("people", person("once", "e1"), headers=headers)
    assert first.json() == again.json()
    assert first.status_code == again.status_code == 201


async def test_a_plan_for_later_is_not_yet_true(company: Company) -> None:
    later = str(today() + timedelta(days=30))
    moved = await company.post(
        f"people/{company.ids['ann']}/move", {"unit_code": "west", "effective_on": later}
    )
    assert moved.json()["unit_id"] == company.ids["e1"]


async def test_a_unit_stands_below_another_from_the_planned_day_on(company: Company) -> None:
    ids, later = company.ids, str(today() + timedelta(days=30))
    path = f"/v1/units/{ids['e1']}"
    plan = {"parent_code": "west", "effective_on": later}
    planned = await company.operations.patch(path, json=plan, headers={"If-Match": "*"})
    assert (planned.json()["parent_id"], planned.json()["version"]) == (ids["east"], 2)
    assert (await company.operations.get(path)).json() == planned.json()
    for parent, below in (("east", ["e1"]), ("west", [])):
        listed = await company.operations.get(f"/v1/units?parent={ids[parent]}")
        assert [(each["code"], each["parent_id"]) for each in listed.json()["items"]] == [
            (code, ids[parent]) for code in below
        ]
    plan = {"parent_code": "west", "effective_on": str(today())}
    moved = await company.operations.patch(path, json=plan, headers={"If-Match": "*"})
    assert moved.json()["parent_id"] == ids["west"]


async def test_a_unit_stands_below_none_before_it_opens_and_after_it_closes(company: Company) -> None:
    tomorrow = str(today() + timedelta(days=1))
    opening = await company.post("units", unit("soon", "west", effective_on=tomorrow))
    assert opening.json()["parent_id"] is None
    closed = await company.post("units", unit("gone", "west"))
    assert closed.json()["parent_id"] == company.ids["west"]
    closed = await company.post(f"units/{closed.json()['id']}/close", {"closed_on": str(today())})
    assert closed.json()["parent_id"] is None
    listed = await company.operations.get(f"/v1/units?parent={company.ids['west']}")
    assert listed.json()["items"] == []
