"""Changes of attributes and owners, and what is recorded beside an opportunity."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.opportunities import (
    InteractionDirection,
    InteractionKind,
    OpportunityAmountChanged,
    OpportunityCloseDateMoved,
    OpportunityDetailsChanged,
)
from opportunities.activities.rules import log_interaction
from opportunities.payments.rules import record_receipt
from opportunities.pipeline.rules import State, change, change_owner
from opportunities.pipeline.rules.refusals import OpportunityClosed, OpportunityIsVoided

from .deals import CUSTOMER, LI, OPENING, WANG, opportunity

SEPTEMBER = date(2026, 9, 30)


def test_each_kind_of_change_is_a_fact_that_builds_on_the_one_before() -> None:
    wanted = {"amount": Decimal(900), "expected_close_on": SEPTEMBER, "customer_id": CUSTOMER}
    amount, close_date, details = change(opportunity(), wanted)
    assert isinstance(amount, OpportunityAmountChanged)
    assert (amount.previous_amount, amount.amount) == (Decimal(1200), Decimal(900))
    assert isinstance(close_date, OpportunityCloseDateMoved)
    assert (close_date.previous_close_on, close_date.expected_close_on) == (None, SEPTEMBER)
    assert isinstance(details, OpportunityDetailsChanged)
    assert (details.amount, details.expected_close_on, details.customer_id) == (
        Decimal(900),
        SEPTEMBER,
        CUSTOMER,
    )


def test_another_currency_alone_is_another_amount() -> None:
    (fact,) = change(opportunity(), {"currency": "USD"})
    assert isinstance(fact, OpportunityAmountChanged)
    assert (fact.previous_currency, fact.currency, fact.amount) == ("CNY", "USD", Decimal(1200))


def test_what_stands_so_already_is_no_fact() -> None:
    assert change(opportunity(), {"amount": Decimal("1200.00"), "channel": None}) == []


def test_another_title_is_a_fact_that_does_not_say_it() -> None:
    (fact,) = change(opportunity(), {}, retitled=True)
    assert isinstance(fact, OpportunityDetailsChanged)


@pytest.mark.parametrize(
    "wanted", [{"amount": Decimal(1)}, {"expected_close_on": SEPTEMBER}, {"channel": "x"}]
)
def test_the_deal_of_a_closed_opportunity_does_not_change(wanted: dict[str, Any]) -> None:
    with pytest.raises(OpportunityClosed):
        change(opportunity(state=State.won), wanted)
    assert change(opportunity(state=State.won), {}, retitled=True)


def test_the_owner_changes_also_after_the_end() -> None:
    (fact,) = change_owner(opportunity(state=State.won), LI)
    assert (fact.previous_owner_id, fact.owner_id) == (WANG, LI)
    assert change_owner(opportunity(), WANG) == []


@pytest.mark.capability("S78", "S178")
@pytest.mark.parametrize("state", [State.open, State.won, State.lost])
def test_an_interaction_is_logged_before_and_after_the_end(state: State) -> None:
    logged = log_interaction(
        opportunity(state=state),
        OPENING,
        kind=InteractionKind.visit,
        direction=InteractionDirection.mutual,
        logged_by_id=WANG,
    )
    assert (logged.interaction_kind, logged.owner_id, logged.logged_by_id) == ("visit", WANG, WANG)


@pytest.mark.capability("S191")
@pytest.mark.parametrize("state", [State.open, State.won, State.lost])
def test_money_is_received_before_and_after_the_end(state: State) -> None:
    received = record_receipt(opportunity(state=state), OPENING, amount=Decimal(600), currency=None)
    assert (received.received_amount, received.received_currency) == (Decimal(600), "CNY")


def test_a_voided_opportunity_takes_nothing_more() -> None:
    voided = opportunity(state=State.voided)
    with pytest.raises(OpportunityIsVoided):
        change(voided, {}, retitled=True)
    with pytest.raises(OpportunityIsVoided):
        change_owner(voided, LI)
    with pytest.raises(OpportunityIsVoided):
        record_receipt(voided, OPENING, amount=Decimal(600), currency="CNY")
    with pytest.raises(OpportunityIsVoided):
        log_interaction(
            voided,
            OPENING,
            kind=InteractionKind.call,
            direction=InteractionDirection.inbound,
            logged_by_id=None,
        )
