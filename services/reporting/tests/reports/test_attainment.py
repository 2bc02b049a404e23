"""Attainment of people and units, from the events that happened."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from contracts import Role
from contracts.opportunities import OpportunityLost, OpportunityOpened, OpportunityWon
from contracts.targets import Ratio
from testkit.history import History

from .conftest import Reports

JULY = "2026-07"


def plan_july(history: History) -> None:
    """The metric `sales_amount`, July with its 23 working days, and the pipeline."""
    history.pipeline()
    history.sales_amount("product_line")
    history.working_time(2026)
    history.period(JULY, date(2026, 7, 1), date(2026, 8, 1), kind="month")


@pytest.mark.capability("S37", "S40", "S42", "X4")
async def test_24_000_won_of_a_target_of_30_000_is_80_percent(reports: Reports) -> None:
    history = History()
    plan_july(history)
    wang = history.person("E1")
    history.target("sales_amount", JULY, 30_000, challenge=36_000, person=wang)
    history.deal(wang, at=date(2026, 7, 2), amount=20_000).won()
    history.deal(wang, at=date(2026, 7, 6), amount=4_000).won()
    await reports.hear(history)
    answer = await reports.read(
        "attainment",
        metric="sales_amount",
        period=JULY,
        subject_kind="person",
        as_of="2026-07-08T16:00:00Z",  # the 9th in the business zone: six working days are completed
    )
    [row] = answer["items"]
    assert row["actual"] == {"amount": "24000.00", "currency": "CNY"}
    assert row["attainment"] == {"numerator": "24000.00", "denominator": "30000.00", "value": "0.800000"}
    assert row["challenge_attainment"]["value"] == "0.666667"
    assert row["gap"] == {"amount": "-6000.00", "currency": "CNY"}
    assert answer["working_days"] == {"elapsed": 6, "total": 23}
    assert row["expectation"] == {"amount": "7826.09", "currency": "CNY"}
    assert row["pace"] == {"numerator": "24000.00", "denominator": "7826.086957", "value": "3.066667"}
    assert answer["metric"]["version"] == 1


async def test_nothing_is_expected_of_a_period_of_which_a_year_has_no_working_time(reports: Reports) -> None:
    history = History()
    plan_july(history)
    fiscal = history.period("FY2026", date(2026, 4, 1), date(2027, 4, 1))
    history.target("sales_amount", fiscal, 1_200, person=history.person("E1"))
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": fiscal, "subject_kind": "person"}

    async def expected() -> tuple[Any, Any]:
        answer = await reports.read("attainment", **asked, as_of="2026-12-31T16:00:00Z")
        return answer["working_days"]["total"], answer["items"][0]["expectation"]

    assert await expected() == (0, None), "not the whole target by the end of the year that is known"
    history.working_time(2027)
    await reports.hear(history)
    days, expectation = await expected()
    assert days == 261  # of 365 days from a Wednesday on
    assert expectation == {"amount": f"{1_200 * 197 / 261:.2f}", "currency": "CNY"}


@pytest.mark.capability("S39")
async def test_subjects_without_target_or_without_facts_are_listed_too(reports: Reports) -> None:
    history = History()
    plan_july(history)
    sells, idles = history.person("E1"), history.person("E2")
    history.target("sales_amount", JULY, 500, person=idles)
    zero = history.person("E3")
    history.target("sales_amount", JULY, 0, person=zero)
    history.deal(sells, at=date(2026, 7, 2), amount=100).won()
    await reports.hear(history)
    answer = await reports.read("attainment", metric="sales_amount", period=JULY, subject_kind="person")
    by_code = {row["subject"]["code"]: row for row in answer["items"]}
    assert by_code["E1"]["actual"]["amount"] == "100.00"
    for column in ("base", "challenge", "attainment", "gap", "expectation", "pace"):
        assert by_code["E1"][column] is None
    assert by_code["E2"]["actual"]["amount"] == "0.00"
    assert by_code["E2"]["attainment"]["value"] == "0.000000"
    assert by_code["E3"]["attainment"] is None
    assert by_code["E3"]["gap"]["amount"] == "0.00"


@pytest.mark.capability("S24")
async def test_a_revised_target_is_shown_original_current_or_prorated_and_a_withdrawn_one_not(
    reports: Reports,
) -> None:
    history = History()
    plan_july(history)
    wang, li = history.person("E1"), history.person("E2")
    revised = history.target("sales_amount", JULY, 3_100, challenge=6_200, person=wang)
    history.revise(revised, 6_200, date(2026, 7, 16), challenge=9_300)
    history.withdraw(history.target("sales_amount", JULY, 3_100, person=li))
    await reports.hear(history)

    async def base(view: str, as_of: str) -> tuple[str, str]:
        asked: dict[str, Any] = {
            "metric": "sales_amount",
            "period": JULY,
            "subject_kind": "person",
            "as_of": as_of,
        }
        answer = await reports.read("attainment", **asked, target=view)
        wang_row, li_row = answer["items"]
        assert li_row["base"] is None
        return wang_row["base"]["amount"], wang_row["challenge"]["amount"]

    before, after = "2026-07-15T00:00:00Z", "2026-07-16T00:00:00Z"
    assert await base("current", before) == ("3100.00", "6200.00")
    assert await base("current", after) == ("6200.00", "9300.00")
    assert await base("original", after) == ("3100.00", "6200.00")
    assert await base("prorated", after) == ("4700.00", "7800.00")  # 15 days of the one, 16 of the other


@pytest.mark.capability("S9", "S39", "S142")
async def test_a_target_of_a_product_line_is_measured_by_the_sales_of_that_line(reports: Reports) -> None:
    history = History()
    plan_july(history)
    wang = history.person("E1")
    history.target("sales_amount", JULY, 1_000, person=wang)
    history.target("sales_amount", JULY, 200, person=wang, dimensions={"product_line": "cloud"})
    history.deal(wang, at=date(2026, 7, 2), amount=150, product_line="cloud").won()
    history.deal(wang, at=date(2026, 7, 2), amount=350, product_line="box").won()
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY, "subject_kind": "person"}
    whole = await reports.read("attainment", **asked)
    cloud = await reports.read("attainment", **asked, product_line="cloud")
    assert whole["items"][0]["attainment"]["value"] == "0.500000"
    assert cloud["items"][0]["attainment"]["value"] == "0.750000"
    refused = await reports.ask("attainment", **asked, dimension="region:east")
    assert (refused.status_code, refused.json()["code"]) == (422, "dimension_unknown")


async def test_ratios_come_from_summed_parts_and_lower_is_better_turns_attainment_round(
    reports: Reports,
) -> None:
    history = History()
    plan_july(history)
    history.counting("opened", OpportunityOpened)
    history.counting("won", OpportunityWon)
    history.counting("lost", OpportunityLost)
    history.metric("win_rate", Ratio(kind="ratio", numerator="won", denominator="opened"))
    loss = Ratio(kind="ratio", numerator="lost", denominator="opened")
    history.metric("loss_rate", loss, direction="lower_is_better")
    team = history.unit("east")
    wang, li = history.person("E1", unit=team), history.person("E2", unit=team)
    for metric in ("win_rate", "loss_rate"):
        history.target(metric, JULY, "0.2", unit=team)
    history.deal(wang, at=date(2026, 7, 2)).won()  # all of one
    for _ in range(2):
        history.deal(li, at=date(2026, 7, 2)).lost()
    history.deal(li, at=date(2026, 7, 2))  # none of three: together a quarter, not the mean of 1 and 0
    await reports.hear(history)
    as_of = "2026-07-20T00:00:00Z"
    [won] = (await reports.read("attainment", metric="win_rate", period=JULY, as_of=as_of))["items"]
    assert (won["actual"], won["parts"]["numerator"], won["parts"]["denominator"]) == ("0.250000", "1", "4")
    assert won["attainment"]["value"] == "1.250000"
    assert won["expectation"] == "0.200000"  # whole, though half of the month is to come
    [lost] = (await reports.read("attainment", metric="loss_rate", period=JULY, as_of=as_of))["items"]
    assert lost["actual"] == "0.500000"
    assert lost["attainment"]["value"] == "0.400000"


@pytest.mark.capability("S53")
async def test_attainment_is_ranked_and_paged(reports: Reports) -> None:
    history = History()
    plan_july(history)
    for number in range(1, 6):
        person = history.person(f"E{number}")
        if number != 3:
            history.target("sales_amount", JULY, 100, person=person)
        history.deal(person, at=date(2026, 7, 2), amount=10 * number).won()
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY, "subject_kind": "person", "limit": 2}

    async def codes(sort: str) -> list[str]:
        seen, cursor = [], None
        while True:
            answer = await reports.read("attainment", **asked, sort=sort, cursor=cursor)
            seen += [row["subject"]["code"] for row in answer["items"]]
            if (cursor := answer["next"]) is None:
                return seen

    assert await codes("-attainment") == ["E5", "E4", "E2", "E1", "E3"]
    assert await codes("attainment") == ["E1", "E2", "E4", "E5", "E3"]
    assert await codes("-code") == ["E5", "E4", "E3", "E2", "E1"]
    cursor = (await reports.read("attainment", **asked, sort="code"))["next"]
    mismatch = await reports.ask("attainment", **asked, sort="-code", cursor=cursor)
    assert (mismatch.status_code, mismatch.json()["code"]) == (400, "cursor_mismatch")
    unknown = await reports.ask("attainment", **asked, sort="colour")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "sort_unknown")


@pytest.mark.capability("S53")
@pytest.mark.parametrize("kind", ["person", "unit"])
async def test_people_and_units_are_ranked_by_any_figure(reports: Reports, kind: str) -> None:
    history = History()
    plan_july(history)
    for number, (sold, base) in enumerate(((30, 90), (20, 20), (10, 50)), 1):
        unit = history.unit(f"U{number}")
        person = history.person(f"P{number}", unit=unit)
        subject: dict[str, Any] = {"person": person} if kind == "person" else {"unit": unit}
        history.target("sales_amount", JULY, base, challenge=base + 100 * sold, **subject)
        history.deal(person, at=date(2026, 7, 2), amount=sold).won()
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY, "subject_kind": kind}
    for field, order in {
        "code": "123",
        "name": "123",
        "actual": "321",
        "base": "231",
        "challenge": "321",
        "attainment": "312",
        "challenge_attainment": "312",
        "gap": "132",
        "expectation": "231",
        "pace": "312",
    }.items():
        for sort, expected in ((field, order), (f"-{field}", order[::-1])):
            answer = await reports.read("attainment", **asked, sort=sort, as_of="2026-07-20T00:00:00Z")
            assert "".join(row["subject"]["code"][1] for row in answer["items"]) == expected, sort


async def test_attainment_as_csv(reports: Reports) -> None:
    history = History()
    plan_july(history)
    wang = history.person("E1")
    history.target("sales_amount", JULY, 30_000, person=wang)
    history.deal(wang, at=date(2026, 7, 2), amount=24_000).won()
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY, "subject_kind": "person"}
    by_header = await reports.ask("attainment", **asked, headers={"Accept": "text/csv"})
    assert by_header.headers["content-type"] == "text/csv; charset=utf-8"
    [row] = csv.DictReader(io.StringIO(by_header.content.decode("utf-8-sig")))
    shown = {
        "code": "E1",
        "actual": "24000.00",
        "currency": "CNY",
        "attainment": "0.800000",
        "gap": "-6000.00",
    }
    assert row.items() >= shown.items()
    assert (await reports.ask("attainment", **asked, format="csv")).content == by_header.content


@pytest.mark.capability("S38")
async def test_a_representative_sees_self_and_own_team_a_leader_all_below_and_a_stranger_nothing(
    reports: Reports,
) -> None:
    history = History()
    plan_july(history)
    boss = history.person("E0", role=Role.manager)
    company = history.unit("company", manager=boss)
    north, south = history.unit("north", parent=company), history.unit("south", parent=company)
    wang, _colleague = history.person("E1", unit=north), history.person("E2", unit=north)
    history.person("E3", unit=south)
    await reports.hear(history)

    async def seen(kind: str, role: Role, who: object) -> set[str]:
        asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY, "subject_kind": kind}
        answer = await reports.read("attainment", **asked, role=role, who=str(who))
        return {row["subject"]["code"] for row in answer["items"]}

    assert await seen("unit", Role.representative, wang) == {"north"}
    assert await seen("person", Role.representative, wang) == {"E1", "E2"}
    assert await seen("unit", Role.manager, boss) == {"company", "north", "south"}
    assert await seen("unit", Role.director, boss) == {"company", "north", "south"}
    assert await seen("unit", Role.bi_reader, "powerbi") == {"company", "north", "south"}
    assert await seen("unit", Role.representative, history.new_id("stranger")) == set()
    assert await seen("person", Role.representative, history.new_id("stranger")) == set()
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY}
    of_another = await reports.ask(
        "attainment", **asked, unit_code="south", role=Role.representative, who=wang
    )
    assert of_another.status_code == 404
    refused = await reports.ask("attainment", **asked, role=Role.administrator)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("path", ["attainment", "attainment/explain"])
@pytest.mark.parametrize(
    "asked",
    [
        {"subject_kind": "unit", "person_code": "E1"},
        {"subject_kind": "unit", "person_code": "E1", "unit_code": "south"},
        {"unit_code": "south", "person_code": "E1"},
    ],
)
async def test_a_question_that_names_a_subject_which_it_would_not_answer_is_refused(
    reports: Reports, path: str, asked: dict[str, Any]
) -> None:
    history = History()
    plan_july(history)
    history.person("E1", unit=history.unit("north"))
    history.unit("south")
    await reports.hear(history)
    answer = await reports.ask(path, metric="sales_amount", period=JULY, **asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "subject_contradictory")


async def test_a_question_that_cannot_be_answered_is_refused(reports: Reports) -> None:
    history = History()
    plan_july(history)
    await reports.hear(history)
    sales = {"metric": "sales_amount"}
    questions: list[tuple[dict[str, Any], int, str]] = [
        (sales, 422, "period_needed"),
        ({**sales, "period": JULY, "from_": "2026-07-01"}, 422, "period_needed"),
        ({**sales, "from_": "2026-07-02", "to": "2026-07-01"}, 422, "period_needed"),
        ({**sales, "period": "1999-13"}, 404, "not_found"),
        ({"metric": "luck", "period": JULY}, 404, "not_found"),
        ({**sales, "period": JULY, "dimension": "cloud"}, 422, "dimension_malformed"),
        ({**sales, "period": JULY, "unit_code": "nowhere"}, 404, "not_found"),
        ({**sales, "period": JULY, "subject_kind": "person", "person_code": "nobody"}, 404, "not_found"),
    ]
    for asked, status, code in questions:
        answer = await reports.ask("attainment", **asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code), asked


async def test_the_figure_of_the_whole_company_leaves_out_what_people_did_elsewhere(reports: Reports) -> None:
    history = History()
    plan_july(history)
    company, partner = history.unit("company", kind="company"), history.unit("partner", kind="company")
    teams = [history.unit(code, parent=company) for code in ("north", "south")]
    moving = history.person("E1", unit=teams[0])
    history.move(moving, teams[1], date(2026, 7, 10))
    going = history.person("E2", unit=teams[0])
    history.move(going, partner, date(2026, 7, 10))
    leaving = history.person("E3", unit=teams[1])
    history.leave(leaving, date(2026, 7, 10))
    late, nowhere = history.person("E4"), history.person("E5")
    back = history.person("E6", unit=teams[1])
    history.move(back, None, date(2026, 7, 2))
    history.move(back, teams[0], date(2026, 7, 6))
    for number, who in enumerate([moving, going, leaving, late, nowhere, back]):
        for day in (3, 20):
            history.deal(who, at=date(2026, 7, day - 1), amount=10**number).won()
    history.deal(going, at=date(2026, 7, 20), amount=7, currency="USD").won()  # no rate is known, nor needed
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY}

    async def figures() -> list[str]:
        [row] = (await reports.read("attainment", **asked, unit_code="company"))["items"]
        every = (await reports.read("attainment", **asked))["items"]
        [beside] = [each for each in every if each["subject"]["code"] == "company"]
        assert row == beside
        return [row["actual"]["amount"], *(str(error) for error in row["errors"])]

    assert await figures() == ["100212.00"], (
        "of who goes until they go, of who leaves all, of who was away the rest"
    )
    history.move(late, teams[0], date(2026, 7, 10))
    await reports.hear(history)
    assert await figures() == ["101212.00"], "who joins brings what they did, from that day on"
    history.move(late, None, date(2026, 7, 10))
    await reports.hear(history)
    assert await figures() == ["100212.00"], "who never joined brings nothing"


@pytest.mark.parametrize("attribution", ["as_was", "as_is"])
async def test_a_unit_alone_has_the_figure_that_it_has_among_all(reports: Reports, attribution: str) -> None:
    history = History()
    plan_july(history)
    company = history.unit("company", kind="company")
    teams = [history.unit(code, parent=company) for code in ("north", "south")]
    staying, moving = history.person("E1", unit=teams[0]), history.person("E2", unit=teams[0])
    history.move(moving, teams[1], date(2026, 7, 10))
    for who, amount in ((staying, 1), (moving, 10)):
        history.deal(who, at=date(2026, 7, 3), amount=amount, product_line="cloud").won()
        history.deal(who, at=date(2026, 7, 20), amount=100 * amount).won()
    returning = history.person("E3", unit=teams[0])
    history.move(returning, teams[1], date(2026, 7, 5))
    history.move(returning, teams[0], date(2026, 7, 15))
    for day in (3, 10, 20):
        history.deal(returning, at=date(2026, 7, day), amount=10_000 * day).won()
    history.deal(staying, at=date(2026, 7, 4), amount=5_000).won().owner(moving)
    await reports.hear(history)
    asked: dict[str, Any] = {"metric": "sales_amount", "period": JULY, "attribution": attribution}
    for limit in ({}, {"product_line": "cloud"}, {"as_of": "2026-07-15T00:00:00Z"}):
        every = (await reports.read("attainment", **asked, **limit))["items"]
        for unit in every:
            code = unit["subject"]["code"]
            assert (await reports.read("attainment", **asked, **limit, unit_code=code))["items"] == [unit]
    assert {each["subject"]["code"] for each in every} == {"company", "north", "south"}
