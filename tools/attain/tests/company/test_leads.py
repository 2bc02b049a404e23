"""The made-up company's leads come from six channels of different worth, and some become its opportunities."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import phonenumbers
import pytest

from attain.company.calendar import Calendar
from attain.company.goals import WEEKS, week_of
from attain.company.leads import Lead
from attain.company.plan import Company, make_company
from attain.company.sources import CHANNELS

LAST_DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def company() -> Company:
    return make_company(opportunities=1000, leads=1200, seed=7, last_day=LAST_DAY)


def steps(company: Company, verb: str) -> list[tuple[Lead, int]]:
    """Every lead that a verb happens to, with the place of the verb in its life."""
    return [
        (lead, place) for lead in company.leads for place, step in enumerate(lead.steps) if step.verb == verb
    ]


def test_a_company_has_three_leads_for_ten_opportunities_unless_told() -> None:
    assert len(make_company(opportunities=100, seed=7, last_day=LAST_DAY).leads) == 30


def test_about_a_quarter_of_the_leads_become_opportunities_among_the_others(company: Company) -> None:
    converted = [deal for deal in company.deals if deal.lead]
    assert 0.2 < len(converted) / len(company.leads) < 0.3
    assert len(company.deals) == 1000
    assert len({deal.key for deal in company.deals}) == 1000
    leads = {lead.key: lead for lead in company.leads}
    for deal in converted:
        lead = leads[str(deal.lead)]
        opening = deal.steps[0]
        assert (deal.owner, deal.company, opening.at) == (lead.owner, lead.company, lead.converts_at)
        assert opening.body["channel"] == lead.steps[0].body["channel"]
        assert lead.steps[-1].verb == "qualify"
        assert lead.steps[-1].at < opening.at


def test_many_leads_never_make_more_than_half_of_the_opportunities() -> None:
    company = make_company(opportunities=60, leads=600, seed=7, last_day=LAST_DAY)
    assert (len(company.deals), sum(deal.lead is not None for deal in company.deals)) == (60, 30)


def test_channels_differ_in_share_conversion_and_cost(company: Company) -> None:
    captured = Counter(lead.steps[0].body["channel"] for lead in company.leads)
    converted = Counter(deal.steps[0].body["channel"] for deal in company.deals if deal.lead)
    costs = Counter[str]()
    for channel, cost in company.sources.costs:
        costs[channel] += int(Decimal(cost["amount"]))
    assert set(captured) == set(costs) == {channel.code for channel in CHANNELS}
    assert captured["baidu"] > 1.3 * captured["zhihu"]
    assert converted["zhihu"] / captured["zhihu"] > 1.3 * converted["baidu"] / captured["baidu"]
    assert costs["exhibition"] / captured["exhibition"] > 5 * costs["website"] / captured["website"]
    assert {deal.steps[0].body["channel"] for deal in company.deals} == set(captured)


def test_costs_cover_every_day_of_every_channel_once(company: Company) -> None:
    for channel in CHANNELS:
        spans = [
            (cost["starts_on"], cost["ends_on"])
            for code, cost in company.sources.costs
            if code == channel.code
        ]
        assert spans[0][0] == str(LAST_DAY - timedelta(days=640))
        assert spans[-1][1] == str(LAST_DAY)
        assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_a_lead_of_a_campaign_came_while_its_channel_ran_it(company: Company) -> None:
    campaigns = {campaign.code: campaign for campaign in company.sources.campaigns}
    named = [lead.steps[0] for lead in company.leads if "campaign" in lead.steps[0].body]
    assert len({step.body["campaign"] for step in named}) == len(campaigns)
    for step in named:
        campaign = campaigns[step.body["campaign"]]
        assert campaign.channel == step.body["channel"]
        assert campaign.runs_on(step.at.date())


def test_a_life_begins_with_the_capture_and_time_never_runs_backwards(company: Company) -> None:
    for lead in company.leads:
        instants = [step.at for step in lead.steps]
        assert lead.steps[0].verb == "capture"
        assert instants == sorted(instants)
        assert instants[-1] < Calendar(LAST_DAY).end


def test_leads_are_contacted_judged_discarded_and_released(company: Company) -> None:
    verbs = Counter(step.verb for lead in company.leads for step in lead.steps)
    assert set(verbs) == {
        "capture", "assign", "log_contact", "change_intent", "qualify", "discard", "release",
    }  # fmt: skip
    assert {lead.steps[place].body["intent"] for lead, place in steps(company, "change_intent")} == {
        "high", "medium", "low",
    }  # fmt: skip
    outcomes = Counter(lead.steps[place].body["outcome"] for lead, place in steps(company, "log_contact"))
    assert set(outcomes) == {"completed", "no_answer", "postponed"}
    kinds = {lead.steps[place].body["kind"] for lead, place in steps(company, "log_contact")}
    assert {"call", "message", "email", "visit", "meeting", "demo"} == kinds
    assert any(step.verb == "log_contact" for step in company.leads[0].steps)
    assert [lead for lead in company.leads if len(lead.steps) == 1], "nobody ever spoke with some"


def test_a_lead_falls_into_the_pool_when_30_whole_days_have_passed_without_a_contact(
    company: Company,
) -> None:
    """As the default rule has it: else the service itself would release it as soon as it is played."""
    touching = ("capture", "assign", "log_contact")
    for lead in company.leads:
        days: list[date] = []
        for step in lead.steps:
            if step.verb == "release":
                assert step.at.date() - days[-1] >= timedelta(days=30)
            days += [step.at.date()] if step.verb in touching else []
        ended = lead.converts_at or lead.steps[-1].verb in ("discard", "release")
        assert ended or LAST_DAY - days[-1] < timedelta(days=31)


def test_who_takes_up_a_released_lead_is_another_than_who_let_it_go(company: Company) -> None:
    taken_up = 0
    for lead in company.leads:
        owner: str | None = lead.owner.code
        for before, step in pairwise(lead.steps):
            if step.verb == "assign" and before.verb == "release":
                taken_up += 1
                assert step.body["owner"] != owner
            owner = step.body.get("owner", owner)
    assert 0 < taken_up < len(steps(company, "release")), "some stay in the pool"


def test_a_lead_without_an_owner_is_assigned_before_anything_happens_to_it(company: Company) -> None:
    waited = [lead for lead in company.leads if "owner" not in lead.steps[0].body]
    assert waited
    assert {lead.steps[1].verb for lead in waited if len(lead.steps) > 1} == {"assign"}


def test_nobody_has_the_phone_of_a_lead(company: Company) -> None:
    phones = [phonenumbers.parse(lead.steps[0].body["phone"], "CN") for lead in company.leads]
    assert all(phonenumbers.is_possible_number(phone) for phone in phones)
    assert not any(phonenumbers.is_valid_number(phone) for phone in phones)
    assert len({phone.national_number for phone in phones}) == len(company.leads)


def test_objections_are_answered_in_time_late_or_never(company: Company) -> None:
    waits = []
    for deal in company.deals:
        raised = [step.at for step in deal.steps if step.verb == "raise_objection"]
        answered = {step.body["objection"]: step.at for step in deal.steps if step.verb == "answer_objection"}
        waits += [answered[place] - at if place in answered else None for place, at in enumerate(raised)]
    day = timedelta(hours=24)
    in_time = sum(wait is not None and wait <= day for wait in waits)
    late = sum(wait is not None and wait > day for wait in waits)
    assert in_time > late > 10
    assert waits.count(None) > 10


def test_customers_answer_most_messages_and_some_never(company: Company) -> None:
    silent = answered = 0
    for deal in company.deals:
        talks = [step.body for step in deal.steps if step.verb == "log_interaction"]
        for said, following in pairwise([*talks, {"direction": "nobody"}]):
            if said["direction"] == "outbound":
                answered += following["direction"] in ("inbound", "mutual")
                silent += following["direction"] == "nobody"
    assert answered > silent > 50


@pytest.mark.parametrize("size", [50, 1000])
@pytest.mark.parametrize("last_day", [LAST_DAY, date(2026, 11, 23), date(2027, 1, 3)])
def test_one_team_attains_less_than_70_percent_in_the_last_two_finished_weeks_alone(
    size: int, last_day: date
) -> None:
    company = make_company(opportunities=size, seed=7, last_day=last_day)
    attained = [won_in(company, goal.unit, goal.period) / goal.base for goal in company.week_goals]
    assert all(abs(found - planned) < Decimal("0.06") for found, planned in zip(attained, WEEKS, strict=True))
    assert [found < Decimal("0.7") for found in attained] == [False, False, True, True]
    monday = last_day - timedelta(days=last_day.weekday())
    assert company.week_goals[-1].period == week_of(monday - timedelta(days=7))


def won_in(company: Company, unit: str, week: str) -> Decimal:
    """What a unit's people won in a week, in CNY; a dollar counts as seven."""
    units = {person.code: person.moves_to or person.unit for person in company.organisation.people}
    total = Decimal()
    for deal in company.deals:
        owner, amount, worth = deal.owner.code, Decimal(), Decimal(1)
        for step in deal.steps:
            owner = step.body.get("owner", owner)
            if step.verb in ("open", "change"):
                amount = Decimal(step.body.get("amount", amount))
                worth = Decimal("7.1") if step.body.get("currency") == "USD" else worth
            if step.verb == "win" and week_of(step.at.date()) == week and units[owner] == unit:
                total += amount * worth
    return total


def test_ten_thousand_leads_are_made_with_hundreds_of_clocks_that_run() -> None:
    company = make_company(opportunities=12_000, leads=10_000, seed=7, last_day=LAST_DAY)
    assert len(company.leads) == 10_000
    assert clocks(company) > 600


def clocks(company: Company) -> int:
    """How many records wait on the last day: opportunities that are open, customers who are silent, objections
    without an answer, leads that nobody has contacted.
    """
    waiting = 0
    for deal in company.deals:
        verbs = [step.verb for step in deal.steps]
        if "win" in verbs or "lose" in verbs:
            continue
        talks = [step.body["direction"] for step in deal.steps if step.verb == "log_interaction"]
        waiting += 1 + (talks[-1:] == ["outbound"])
        waiting += verbs.count("raise_objection") - verbs.count("answer_objection")
    return waiting + sum(
        all(step.verb not in ("log_contact", "discard") for step in lead.steps) for lead in company.leads
    )
