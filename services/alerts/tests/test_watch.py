"""What fires when nothing happens: once, in order, with any number of workers, and never for the past."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.incidents.watch import raise_due, watch
from alerts.timers.projector import SCHEMA
from contracts.reporting import ProjectionAgreed, ProjectionDrifted, ProofCheck
from messaging import uuid7

from .post import COMPANY, COMPANY_BOSS, MAX, SHANGHAI, SUE, WANG, ZONE, Post, reading

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.mark.capability("S121")
async def test_an_opportunity_stalled_for_more_than_five_days_goes_to_the_manager_of_the_owners_unit(
    post: Post,
) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    assert await post.watch(deal.at + 5 * DAY) == (0, 0, 0)
    assert (await post.watch(deal.at + 5 * DAY + TICK))[0] == 1
    [incident] = await post.incidents(rule="opportunity-stalled")
    assert (incident["subject_kind"], incident["subject_id"]) == ("opportunity", str(deal.id))
    assert (incident["owner_id"], incident["assignee_id"], incident["unit_id"]) == (
        str(WANG),
        str(SUE),
        str(SHANGHAI),
    )
    assert datetime.fromisoformat(incident["due_at"]) == deal.at + 5 * DAY


@pytest.mark.capability("S120")
async def test_a_customer_silent_for_more_than_48_hours_prompts_the_owner(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    deal.interaction(deal.at + HOUR, direction="outbound")
    await post.watch(deal.at + 48 * HOUR + TICK)
    [incident] = await post.incidents(rule="customer-silent")
    assert incident["assignee_id"] == str(WANG)
    deal.interaction(deal.at + 50 * HOUR, direction="inbound")
    await post.watch(deal.at + 51 * HOUR)
    [incident] = await post.incidents(rule="customer-silent")
    assert (incident["state"], incident["outcome_code"]) == ("resolved", "closed")


@pytest.mark.capability("S81")
async def test_each_objection_has_a_clock_of_its_own_and_answers_end_it(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    first = deal.objected("price", deal.at + HOUR)
    second = deal.objected("delivery", deal.at + HOUR)
    deal.answered(first, "price", deal.at + 23 * HOUR)
    await post.watch(deal.at + 20 * HOUR + 6 * HOUR)
    incidents = await post.incidents(rule="objection-unanswered")
    assert [each["key"] for each in incidents] == [str(second)]


@pytest.mark.capability("S124")
async def test_a_lead_without_a_first_contact_within_a_day_is_told(post: Post) -> None:
    now = datetime.now(UTC)
    post.history.lead(WANG, at=now)
    post.history.lead(WANG, at=now).contacted("call", now + HOUR, outcome="no_answer")
    post.history.lead(None, at=now)
    await post.watch(now + 24 * HOUR + TICK)
    incidents = await post.incidents(rule="lead-uncontacted")
    assert sorted(str(each["assignee_id"]) for each in incidents) == sorted([str(WANG), "None"])


async def test_what_came_due_before_the_rule_was_in_force_never_fires(post: Post) -> None:
    now = datetime.now(UTC)
    post.history.deal(WANG, at=now - 30 * DAY)
    recent = post.history.deal(WANG, at=now - 4 * DAY)
    assert (await post.watch(now + 2 * DAY))[0] == 1
    assert [each["subject_id"] for each in await post.incidents()] == [str(recent.id)]


async def test_history_from_an_import_starts_no_clock_until_the_first_live_fact(post: Post) -> None:
    now = datetime.now(UTC)
    for _ in range(20):
        post.history.deal(WANG, at=date(2017, 3, 1), imported=True)
    revived = post.history.deal(WANG, at=date(2017, 3, 1), imported=True)
    revived._deal = revived._deal | {"imported": False}
    revived.interaction(now, direction="inbound")
    await post.watch(now + 400 * DAY)
    assert [each["subject_id"] for each in await post.incidents()] == [str(revived.id)]


async def test_a_sign_of_life_resolves_the_incident_and_the_next_silence_raises_another(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    await post.watch(deal.at + 6 * DAY)
    deal.moved("intent", deal.at + 6 * DAY)
    assert await post.watch(deal.at) == (0, 1, 0)
    [resolved] = await post.incidents()
    assert (resolved["outcome_code"], resolved["resolving_event_id"]) == ("sign_of_life", str(deal.last.id))
    assert await post.watch(deal.at + 5 * DAY) == (0, 0, 0)
    assert (await post.watch(deal.at + 5 * DAY + TICK))[0] == 1
    assert sorted(each["state"] for each in await post.incidents()) == ["open", "resolved"]


async def test_an_episode_raises_one_incident_however_often_it_is_looked_at_and_by_how_many(
    post: Post,
) -> None:
    deals = [post.history.deal(WANG, at=datetime.now(UTC)) for _ in range(40)]
    await post.hear()
    now = max(deal.at for deal in deals) + 6 * DAY

    async def look() -> int:
        async with post.database.transaction() as session:
            return await raise_due(session, now, ZONE)

    assert sum(await asyncio.gather(*(look() for _ in range(4)))) == 40
    assert await look() == 0
    assert len(await post.incidents()) == 40


async def test_after_a_pause_what_has_come_due_fires_in_its_order(post: Post) -> None:
    start = datetime.now(UTC)
    deals = [post.history.deal(WANG, at=start + timedelta(minutes=n * 7 % 11)) for n in range(11)]
    await post.watch(start + 30 * DAY)
    async with post.api.database.connect() as connection:
        rows = await connection.fetch(
            "select subject from messaging.ledger where type = 'alerts.incident.raised.v1' order by id"
        )
        order = await connection.fetch("select id, subject_id from incident")
    by_id = {str(row["id"]): row["subject_id"] for row in order}
    assert [by_id[row["subject"]] for row in rows] == [
        deal.id for deal in sorted(deals, key=lambda deal: deal.at)
    ]


async def test_nothing_fires_before_everything_that_lies_on_kafka_was_heard(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC) - 5 * DAY + timedelta(milliseconds=200))
    await post.hear()
    settings = post.api.app.state.settings
    worker = watch(settings, post.database)
    later = datetime.now(UTC) + DAY

    async def heard(at: datetime | None) -> None:
        async with post.api.database.connect() as connection:
            await connection.execute(f"update {SCHEMA}.consumer_position set heard_at = $1", at)

    for instant in (None, deal.at + 5 * DAY - timedelta(seconds=1)):
        await heard(instant)
        await worker._action(later)
        assert await post.incidents() == []
    await heard(later)
    await worker._action(later)
    assert len(await post.incidents()) == 1


@pytest.mark.capability("S118")
@pytest.mark.parametrize(
    ("series", "fires"),
    [(["0.69", "0.69"], 1), (["0.69", "0.70", "0.69"], 0), (["0.70", "0.70"], 0), (["0.69"] * 4, 1)],
)
async def test_a_core_metric_below_seventy_percent_two_weeks_running_goes_to_the_manager(
    post: Post, series: list[str], fires: int
) -> None:
    for number, attainment in enumerate(series):
        reading(post.history, attainment, date(2026, 9, 7) + number * 7 * DAY)
        await post.watch(datetime.now(UTC) + HOUR)
    incidents = await post.incidents(rule="core-metric-low")
    assert [(each["assignee_id"], each["figures"]) for each in incidents] == [
        (str(SUE), ["0.69", "0.69"])
    ] * fires


async def test_a_reading_that_is_well_again_resolves_the_incident(post: Post) -> None:
    for number, attainment in enumerate(["0.5", "0.6"]):
        reading(post.history, attainment, date(2026, 9, 7) + number * 7 * DAY)
    await post.watch(datetime.now(UTC) + HOUR)
    well = reading(post.history, "0.9", date(2026, 9, 21))
    assert (await post.watch(datetime.now(UTC) + HOUR))[1] == 1
    [incident] = await post.incidents()
    assert (incident["outcome_code"], incident["resolving_event_id"]) == ("recovered", str(well.id))


@pytest.mark.capability("S122")
async def test_a_dimension_of_health_that_is_red_goes_to_the_manager(post: Post) -> None:
    for value, week in (("12", 7), ("12.000001", 14)):
        reading(post.history, None, date(2026, 9, week), metric="stage_dwell", core=False, value=value)
        await post.watch(datetime.now(UTC) + HOUR)
    [incident] = await post.incidents()
    assert (incident["rule"], incident["figures"]) == ("health-stage-dwell", ["12.000001"])


@pytest.mark.capability("X7")
async def test_nobody_takes_it_up_so_it_goes_up_the_line_after_three_five_and_seven_days(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    await post.watch(deal.at + 6 * DAY)
    [incident] = await post.incidents()
    raised = datetime.fromisoformat(incident["raised_at"])
    line = [str(SUE)]
    for days in (3, 5, 7):
        await post.watch(raised, escalate=raised + days * DAY - TICK)
        assert (await post.read(incident))["assignee_id"] == line[-1]
        await post.watch(raised, escalate=raised + days * DAY)
        line.append((await post.read(incident))["assignee_id"])
    assert line == [str(person) for person in (SUE, MAX, COMPANY_BOSS, COMPANY_BOSS)]
    assert await post.facts(incident) == ["raised", "escalated", "escalated", "escalated"]
    assert (await post.read(incident))["escalates_at"] is None


async def test_a_rule_in_another_version_fires_for_what_comes_due_after_it_and_leaves_open_incidents(
    post: Post,
) -> None:
    old = post.history.deal(WANG, at=datetime.now(UTC) - 4 * DAY)
    await post.watch(datetime.now(UTC) + 2 * DAY)
    await post.rule("opportunity-stalled", definition={"after_seconds": 7 * 86_400})
    young = post.history.deal(WANG, at=datetime.now(UTC))
    await post.watch(young.at + 6 * DAY)
    assert [(each["subject_id"], each["state"]) for each in await post.incidents()] == [(str(old.id), "open")]
    await post.watch(young.at + 7 * DAY + HOUR)
    assert {each["subject_id"] for each in await post.incidents()} == {str(old.id), str(young.id)}


async def test_a_rule_out_of_force_fires_nothing_and_leaves_what_is_open(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    await post.watch(deal.at + 6 * DAY)
    await post.operations.post("/v1/rules/opportunity-stalled/deactivate", json={})
    post.history.deal(WANG, at=datetime.now(UTC))
    assert await post.watch(deal.at + 60 * DAY) == (0, 0, 0)
    assert [each["state"] for each in await post.incidents()] == ["open"]


async def test_after_a_rebuild_nothing_fires_twice(post: Post) -> None:
    deal = post.history.deal(WANG, at=datetime.now(UTC))
    await post.watch(deal.at + 6 * DAY)
    async with post.api.database.connect() as connection:
        await connection.execute(f"drop schema {SCHEMA} cascade")
    await post.projector.close()
    await post.projector.ensure()
    post.heard = post.relayed = 0
    assert (await post.watch(deal.at + 6 * DAY))[:2] == (0, 0)
    assert len(await post.incidents()) == 1


async def test_a_thousand_timers_that_come_due_at_once_each_raise_one_incident(post: Post) -> None:
    start = datetime.now(UTC)
    for _ in range(1_000):
        post.history.deal(WANG, at=start)
    await post.hear()
    raised = 0
    while (now := (await post.watch(start + 6 * DAY))[0]) > 0:
        raised += now
    assert raised == 1_000


async def test_figures_that_drift_from_their_facts_are_an_incident_of_the_company_until_they_agree(
    post: Post,
) -> None:
    now, drift_id = datetime.now(UTC), uuid7()
    drifted = ProjectionDrifted(drift_id=drift_id, check=ProofCheck.rows, table="opportunity", roots=["r"])
    post.history.say(drifted, at=now)
    assert (await post.watch(now + timedelta(seconds=61)))[0] == 1
    [incident] = await post.incidents(rule="figures-drift")
    assert (incident["subject_kind"], incident["subject_id"]) == ("unit", str(COMPANY))
    assert (incident["key"], incident["assignee_id"]) == ("opportunity", str(COMPANY_BOSS))
    shown = await post.read(incident)
    assert "differ from the facts" in shown["explanation"]["en"]
    assert "报表数据与其所依据的事实不一致" in shown["explanation"]["zh"]
    assert shown["explanation"]["evidence"][0]["data"]["roots"] == ["r"]
    agreed = ProjectionAgreed(drift_id=drift_id, check=ProofCheck.rows, table="opportunity")
    post.history.say(agreed, at=now + HOUR)
    assert await post.watch(now + 2 * HOUR) == (0, 1, 0)
    [incident] = await post.incidents(rule="figures-drift")
    assert (incident["state"], incident["outcome_code"]) == ("resolved", "closed")
