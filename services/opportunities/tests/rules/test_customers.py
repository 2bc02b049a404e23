"""Customers and who owns whom among them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from opportunities.customers.refusals import CustomerIsOwnParent
from opportunities.customers.rules import change_customer, change_owner, open_customer, refuse_another_opening
from opportunities.intake.refusals import HistoryFixed

from .deals import LI, WANG

CHILD, PARENT, TOP = (UUID(int=number) for number in (1, 2, 3))


def test_a_change_is_a_fact_with_the_customer_as_it_then_stands() -> None:
    customer = open_customer(CHILD, {}, name="长江精密", sector="manufacturing", owner_id=WANG)
    (changed,) = change_customer(customer, {"country": "China", "parent_id": PARENT}, {PARENT: None})
    assert (changed.name, changed.country, changed.parent_id) == ("长江精密", "China", PARENT)


def test_what_stands_so_already_is_no_fact() -> None:
    customer = open_customer(CHILD, {}, name="长江精密", owner_id=WANG)
    assert change_customer(customer, {"name": "长江精密", "sector": None}, {}) == []
    assert change_owner(customer, WANG) == []


def test_a_customer_may_be_given_to_somebody_or_to_nobody() -> None:
    customer = open_customer(CHILD, {}, name="长江精密", owner_id=WANG)
    assert [fact.owner_id for fact in change_owner(customer, LI)] == [LI]
    assert [fact.previous_owner_id for fact in change_owner(customer, None)] == [WANG]


@pytest.mark.parametrize("parent", [CHILD, PARENT, TOP])
def test_a_customer_never_stands_above_itself(parent: UUID) -> None:
    customer = open_customer(CHILD, {}, name="长江精密")
    with pytest.raises(CustomerIsOwnParent):
        change_customer(customer, {"parent_id": parent}, {PARENT: CHILD, TOP: PARENT, CHILD: None})


def test_since_when_a_customer_is_known_is_told_once() -> None:
    since = datetime(2016, 1, 1, tzinfo=UTC)
    refuse_another_opening(since, since)
    with pytest.raises(HistoryFixed) as refused:
        refuse_another_opening(since, since + timedelta(days=1))
    assert refused.value.pointer == "/opened_at"
