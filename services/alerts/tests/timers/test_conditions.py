"""Conditions on data mean here what they mean in a metric."""

from typing import Any

import pytest

from alerts.timers.rules import holds
from contracts.targets import Condition

DATA = {
    "stage": "intent", "amount": "1200.00", "count": 3, "imported": False, "owner_id": None, "tags": ["a", "b"],
    "closes_on": "2026-09-30", "note": "plenty",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "operator", "value", "held"),
    [
        ("stage", "eq", "intent", True),
        ("stage", "eq", "Intent", False),
        ("amount", "eq", "1200", True),
        ("count", "eq", "3.0", True),
        ("imported", "eq", False, True),
        ("imported", "eq", "0", False),
        ("owner_id", "eq", None, True),
        ("missing", "eq", None, True),
        ("stage", "eq", None, False),
        ("tags", "eq", "b", True),
        ("stage", "ne", "proposal", True),
        ("missing", "ne", "proposal", True),
        ("stage", "ne", "intent", False),
        ("stage", "in", ["proposal", "intent"], True),
        ("amount", "in", ["1200.0"], True),
        ("stage", "in", [], False),
        ("stage", "in", "intent", True),
        ("amount", "gt", "999.99", True),
        ("amount", "gt", "1200", False),
        ("amount", "gte", "1200", True),
        ("count", "lt", "10", True),
        ("closes_on", "lte", "2026-09-30", True),
        ("closes_on", "lt", "2026-09-30", False),
        ("note", "gt", "100", False),
        ("missing", "lt", "5", False),
        ("imported", "lt", "5", False),
        ("amount", "gt", None, False),
        ("stage", "exists", True, True),
        ("owner_id", "exists", True, False),
        ("owner_id", "exists", False, True),
        ("missing", "exists", None, False),
    ],
)
def test_a_condition_holds(field: str, operator: Any, value: Any, held: bool) -> None:
    assert holds([Condition(field=field, operator=operator, value=value)], DATA) is held


def test_all_conditions_must_hold() -> None:
    first = Condition(field="stage", operator="eq", value="intent")
    second = Condition(field="count", operator="gt", value="5")
    assert holds([], {})
    assert holds([first], DATA)
    assert not holds([first, second], DATA)
