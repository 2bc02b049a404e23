"""The made-up company is the same for the same seed, ends on its last day, and is believable."""

from collections import Counter
from datetime import date, timedelta

import pytest

from attain.company.plan import SHANGHAI, Company, make_company

LAST_DAY = date(2026, 11, 22)


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


def test_somebody_leaves_and_hands_over_and_somebody_moves(company: Company) -> None:
    leaver, mover = company.organisation.leaver, company.organisation.mover
    assert leaver.left_on == LAST_DAY - timedelta(days=75)
    assert mover.moves_to != mover.unit
    handed_over = [deal for deal in company.deals if any(step.verb == "change_owner" for step in deal.steps)]
    assert handed_over
    assert {deal.owner for deal in handed_over} == {leaver}
