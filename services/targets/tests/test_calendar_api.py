"""Periods, working time and rates over HTTP, on the seeds that every instance begins with."""

import pytest

from contracts import Role
from targets.main import service
from testkit.http import Api

from .company import problem

RATE = {"currency": "USD", "rate": "7.12", "effective_on": "2026-01-01"}


@pytest.mark.capability("S8")
async def test_a_year_is_there_with_its_quarters_months_and_weeks(api: Api) -> None:
    client = api.client(Role.bi_reader)
    answer = await client.get("/v1/calendar/periods?from=2026-07-01&to=2026-10-01&kind=month")
    assert [item["code"] for item in answer.json()["items"]] == ["2026-07", "2026-08", "2026-09"]
    week = await client.get("/v1/calendar/periods/2026-W30")
    assert (week.json()["starts_on"], week.json()["ends_on"]) == ("2026-07-20", "2026-07-27")


async def test_a_fiscal_year_begins_where_the_settings_say(serve: object) -> None:
    api: Api = await serve(service, fiscal_year_start_month=4)  # type: ignore[operator]
    generated = await api.client(Role.operations).post("/v1/calendar/years/2040:generate")
    assert generated.json()["year"] == "FY2040"
    year = await api.client(Role.operations).get("/v1/calendar/periods/FY2040")
    assert (year.json()["starts_on"], year.json()["ends_on"]) == ("2040-04-01", "2041-04-01")


async def test_generating_a_year_again_makes_no_fact(api: Api) -> None:
    operations = api.client(Role.operations)
    first = (await operations.post("/v1/calendar/years/2041:generate")).json()
    again = (await operations.post("/v1/calendar/years/2041:generate")).json()
    assert (first["created"], first["known"]) == (again["known"], 0)
    assert (again["created"], again["token"]) == (0, "period:2041@1")


@pytest.mark.capability("F10")
async def test_a_plan_may_have_a_fifth_quarter(api: Api) -> None:
    operations = api.client(Role.operations)
    fifth = {"code": "plan-Q5", "name": "第五季度", "starts_on": "2026-12-01", "ends_on": "2027-02-01"}
    added = await operations.post("/v1/calendar/periods", json=fifth)
    assert (added.status_code, added.json()["kind"]) == (201, "custom")
    assert problem(await operations.post("/v1/calendar/periods", json=fifth)) == (409, "period_code_taken")
    history = await operations.get("/v1/calendar/periods/plan-Q5/history")
    assert [item["type"] for item in history.json()["items"]] == ["targets.period.set.v1"]


@pytest.mark.parametrize(
    "code", ["plan/Q5", "plan?Q5", "plan#Q5", "plan Q5", "plan%2FQ5", "plan-Q5\n", "..", ""]
)
async def test_a_code_that_cannot_stand_in_an_address_names_no_period(api: Api, code: str) -> None:
    asked = {"code": code, "name": "第五季度", "starts_on": "2026-12-01", "ends_on": "2027-02-01"}
    refused = await api.client(Role.operations).post("/v1/calendar/periods", json=asked)
    assert problem(refused) == (422, "request_invalid")
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/code"
    assert error["allowed"]


@pytest.mark.parametrize("code", ["2026-Q5", "plan.2026_H2-a", "5", "x" * 80])
async def test_a_period_is_found_under_the_address_that_was_answered(api: Api, code: str) -> None:
    operations = api.client(Role.operations)
    asked = {"code": code, "name": "第五季度", "starts_on": "2026-12-01", "ends_on": "2027-02-01"}
    added = await operations.post("/v1/calendar/periods", json=asked)
    assert added.status_code == 201
    assert (await operations.get(added.headers["Location"])).json()["code"] == code


async def test_working_days_are_counted_over_chinas_holidays(api: Api) -> None:
    answer = await api.client(Role.representative).get(
        "/v1/calendar/working-days?from=2026-10-01&to=2026-10-12"
    )
    assert answer.json()["working_days"] == 3


@pytest.mark.parametrize("last", ["2026-09-30", "2026-10-01"])
async def test_working_days_are_not_counted_backwards(api: Api, last: str) -> None:
    answer = await api.client(Role.representative).get(f"/v1/calendar/working-days?from=2026-10-01&to={last}")
    assert problem(answer) == (422, "request_invalid")
    (error,) = answer.json()["errors"]
    assert (error["place"], error["pointer"], error["code"]) == ("query", "/to", "greater_than")
    assert error["allowed"] == {"gt": "2026-10-01"}


async def test_a_years_working_time_is_replaced_by_who_has_read_it(api: Api) -> None:
    operations, path = api.client(Role.operations), "/v1/calendar/working-time/2026"
    six_days = {"weekdays": [1, 2, 3, 4, 5, 6]}
    assert problem(await operations.put(path, json=six_days)) == (428, "if_match_required")
    changed = await operations.put(path, json=six_days, headers={"If-Match": '"1"'})
    assert changed.json()["holidays"] == []
    days = await operations.get("/v1/calendar/working-days?from=2026-10-01&to=2026-10-12")
    assert days.json()["working_days"] == 9
    assert len((await operations.get(f"{path}/history")).json()["items"]) == 2


async def test_a_year_that_is_new_needs_no_version(api: Api) -> None:
    operations = api.client(Role.operations)
    state = {"weekdays": [1, 2, 3], "holidays": ["2050-01-03"]}
    assert (await operations.put("/v1/calendar/working-time/2050", json=state)).json()["version"] == 1
    stray = {**state, "holidays": ["2051-01-03"]}
    outside = await operations.put("/v1/calendar/working-time/2052", json=stray)
    assert problem(outside) == (422, "days_outside_year")
    assert outside.json()["errors"][0]["pointer"] == "/holidays"
    both = {**state, "workdays": ["2050-01-03"]}
    refused = await operations.put("/v1/calendar/working-time/2053", json=both)
    assert refused.json()["errors"][0]["code"] == "day_off_and_working"
    listed = await operations.get("/v1/calendar/working-time")
    assert {row["year"] for row in listed.json()["items"]} >= {2016, 2026, 2027, 2050}


async def test_a_rate_holds_from_its_day_and_the_same_again_makes_no_fact(api: Api) -> None:
    operations = api.client(Role.operations)
    first = await operations.post("/v1/calendar/rates", json=RATE)
    again = await operations.post("/v1/calendar/rates", json={**RATE, "rate": "7.120"})
    changed = await operations.post("/v1/calendar/rates", json={**RATE, "rate": "7.2"})
    assert [each.status_code for each in (first, again, changed)] == [201, 200, 200]
    assert [each.headers["Attain-Token"] for each in (first, again, changed)] == [
        f"currency:USD@{n}" for n in (1, 1, 2)
    ]
    history = await operations.get("/v1/calendar/rates/USD/history")
    assert [item["data"]["rate"] for item in history.json()["items"]] == ["7.12", "7.2"]


async def test_rates_come_in_batches(api: Api) -> None:
    operations = api.client(Role.operations)
    rows = [RATE, {**RATE, "currency": "EUR"}, {**RATE, "currency": "CNY"}, {**RATE, "rate": "0"}, RATE]
    answer = (await operations.post("/v1/calendar/rates:batch", json={"items": rows})).json()
    assert [item["status"] for item in answer["items"]] == [201, 201, 422, 422, 200]
    assert answer["items"][2]["problem"]["code"] == "reporting_currency_rated"
    listed = await operations.get("/v1/calendar/rates?currency=EUR")
    assert [row["effective_on"] for row in listed.json()["items"]] == ["2026-01-01"]


@pytest.mark.parametrize(
    "asked",
    [
        "calendar/periods?from",
        "calendar/rates?to",
        "calendar/working-days?to=2026-01-01&from",
        "memberships?on",
    ],
)
@pytest.mark.parametrize("day", ["1767225600", "2300-01-01"])
async def test_a_day_in_an_address_is_written_out_and_within_the_calendar(
    api: Api, asked: str, day: str
) -> None:
    refused = await api.client(Role.operations).get(f"/v1/{asked}={day}")
    assert problem(refused) == (422, "request_invalid")
