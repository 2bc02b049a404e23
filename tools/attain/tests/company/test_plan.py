"""The made-up company is the same for the same seed, ends on its last day, and is believable."""

import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from attain.company.deals import STAGES
from attain.company.plan import Company, make_company
from attain.company.steps import SHANGHAI

LAST_DAY = date(2026, 11, 22)
CHINESE, LATIN = re.compile("[一-鿿]"), re.compile("[A-Za-z]{2}")


@pytest.fixture(scope="module")
def company() -> Company:
    return make_company(opportunities=1000, seed=7, last_day=LAST_DAY)


def test_the_same_seed_makes_the_same_company(company: Company) -> None:
    assert make_company(opportunities=1000, seed=7, last_day=LAST_DAY) == company
    assert make_company(opportunities=1000, seed=8, last_day=LAST_DAY) != company


def test_it_has_about_forty_people_in_three_regions(company: Company) -> None:
    assert len(company.organisation.people) == 40
    assert len([unit for unit in company.organisation.units if unit.kind == "region"]) == 3


def test_nothing_happens_after_the_last_day_and_time_never_runs_backwards(company: Company) -> None:
    for deal in company.deals:
        instants = [step.at for step in deal.steps]
        assert instants == sorted(instants)
        assert instants[-1].astimezone(SHANGHAI).date() < LAST_DAY


def test_every_opportunity_opens_once_and_ends_at_most_once(company: Company) -> None:
    for deal in company.deals:
        verbs = Counter(step.verb for step in deal.steps)
        assert verbs["open"] == 1
        assert verbs["win"] + verbs["lose"] <= 1


def test_it_wins_loses_and_leaves_some_open_in_two_currencies(company: Company) -> None:
    verbs = Counter(step.verb for deal in company.deals for step in deal.steps)
    assert 100 < verbs["win"] < 300
    assert 500 < verbs["lose"] < 800
    assert {deal.steps[0].body["currency"] for deal in company.deals} == {"CNY", "USD"}


def test_people_and_customers_have_chinese_and_english_names(company: Company) -> None:
    named = [person.name for person in company.organisation.people]
    named += [unit.name for unit in company.organisation.units]
    named += [customer["name"] for customer in company.customers if customer["country"] == "China"]
    assert [name for name in named if not (CHINESE.search(name) and LATIN.search(name))] == []
    foreign = {customer["country"] for customer in company.customers} - {"China"}
    assert len(foreign) > 3
    assert len({customer["name"] for customer in company.customers}) == len(company.customers)


def test_demand_follows_the_season(company: Company) -> None:
    opened = Counter(deal.steps[0].at.month for deal in company.deals if deal.steps[0].at.year == 2025)
    assert opened[12] > 1.5 * opened[2]
    assert opened[3] > opened[2]


def test_four_product_lines_are_sold_and_every_loss_has_one_of_the_usual_reasons(company: Company) -> None:
    assert {deal.steps[0].body["product_line"] for deal in company.deals} == {
        "cloud",
        "hardware",
        "security",
        "services",
    }
    reasons = {s.body.get("reason_code") for deal in company.deals for s in deal.steps if s.verb == "lose"}
    assert reasons == {
        "late_follow_up",
        "product_mismatch",
        "budget_or_long_decision",
        "strong_competitor",
    }


def test_stages_are_passed_one_by_one_with_a_stay_in_each(company: Company) -> None:
    for deal in company.deals:
        moves = [step for step in deal.steps if step.verb in ("open", "change_stage")]
        assert tuple(step.body["stage"] for step in moves[1:]) == STAGES[1 : len(moves)]
        assert all(later.at > earlier.at for earlier, later in pairwise(moves))
        assert any(step.verb == "win" for step in deal.steps) <= (len(moves) == len(STAGES))


def test_money_comes_in_after_a_win_and_never_more_than_was_sold(company: Company) -> None:
    for deal in company.deals:
        received = [step for step in deal.steps if step.verb == "record_receipt"]
        won = [step.at for step in deal.steps if step.verb == "win"]
        amounts = [Decimal(step.body["amount"]) for step in deal.steps if step.verb in ("open", "change")]
        assert not received or (won and won[0] < received[0].at)
        assert sum(Decimal(step.body["amount"]) for step in received) <= amounts[-1]
    assert any(step.verb == "record_receipt" for deal in company.deals for step in deal.steps)


def test_interactions_of_every_kind_go_both_ways(company: Company) -> None:
    bodies = [step.body for deal in company.deals for step in deal.steps if step.verb == "log_interaction"]
    assert {body["kind"] for body in bodies} == {"call", "message", "email", "visit", "meeting", "demo"}
    assert {body["direction"] for body in bodies} == {"inbound", "outbound", "mutual"}


def test_every_quarter_has_a_goal_with_a_higher_challenge(company: Company) -> None:
    assert [goal.period for goal in company.goals][-3:] == ["2026-Q2", "2026-Q3", "2026-Q4"]
    assert all(0 < goal.base < goal.challenge for goal in company.goals)


def test_somebody_leaves_and_hands_over_and_somebody_moves(company: Company) -> None:
    leaver, mover = company.organisation.leaver, company.organisation.mover
    assert leaver.left_on == LAST_DAY - timedelta(days=75)
    assert mover.moves_to != mover.unit
    handed_over = [deal for deal in company.deals if any(step.verb == "change_owner" for step in deal.steps)]
    assert handed_over
    assert {deal.owner for deal in handed_over} == {leaver}
