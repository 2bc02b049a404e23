"""When a metric's definition is sound."""

from typing import Any

import pytest

from contracts import registry
from contracts.event_fields import EventField, Fault, Kind, event_fields
from contracts.targets import Condition, CountOrSum, MetricDefined, Ratio
from targets.metrics.rules import Definition, dimensions, faults, next_version
from targets.metrics.seed import built_in

KNOWN: dict[str, Definition] = {metric.code: metric.definition for metric in built_in()}


def won(**more: Any) -> CountOrSum:
    return CountOrSum.model_validate(
        {
            "kind": "sum",
            "event_type": "opportunities.opportunity.won.v1",
            "value_field": "amount",
            "currency_field": "currency",
            "credited_field": "owner_id",
            **more,
        }
    )


def said(definition: Definition, code: str = "new") -> list[tuple[str, str]]:
    found: list[Fault] = faults(code, definition, registry(), KNOWN)
    return [(".".join(map(str, fault.place)), fault.code) for fault in found]


@pytest.mark.parametrize("metric", [*built_in()], ids=lambda metric: metric.code)
def test_built_in_metrics_are_sound(metric: Any) -> None:
    assert said(metric.definition, metric.code) == []


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (won(event_type="opportunities.nothing.v1"), ("event_type", "event_unknown")),
        (won(value_field=None), ("value_field", "missing")),
        (won(value_field="stage"), ("value_field", "field_unfit")),
        (won(value_field="price"), ("value_field", "field_unknown")),
        (won(currency_field=None), ("currency_field", "missing")),
        (won(currency_field="stage"), ("currency_field", "field_unfit")),
        (won(kind="count", currency_field=None), ("value_field", "not_counted")),
        (won(credited_field="customer_id"), ("credited_field", "field_unfit")),
        (won(date_field="stage"), ("date_field", "field_unfit")),
        (won(dimensions=["amount"]), ("dimensions.0", "field_unfit")),
        (won(dimensions=["stage", "stage"]), ("dimensions.1", "named_twice")),
        (
            Ratio(kind="ratio", numerator="win_rate", denominator="won_count"),
            ("numerator", "metric_unusable"),
        ),
        (Ratio(kind="ratio", numerator="won_count", denominator="new"), ("denominator", "metric_unusable")),
    ],
)
def test_a_definition_that_cannot_be_computed_is_told_where(
    definition: Definition, expected: tuple[str, str]
) -> None:
    assert said(definition) == [expected]


@pytest.mark.parametrize(
    ("field", "operator", "value", "code"),
    [
        ("stage", "gt", "intent", "operator_unfit"),
        ("amount", "gte", "much", "value_unfit"),
        ("amount", "gte", "NaN", "value_unfit"),
        ("amount", "gte", "1e999999999", "value_unfit"),
        ("stage", "in", "intent", "value_unfit"),
        ("stage", "in", [], "value_unfit"),
        ("imported", "eq", "true", "value_unfit"),
        ("channel", "exists", "yes", "value_unfit"),
        ("expected_close_on", "lt", "soon", "value_unfit"),
        ("expected_close_on", "lt", "20260701", "value_unfit"),
        ("expected_close_on", "lt", "2026-W27-3", "value_unfit"),
        ("customer_id", "eq", "01979D2C-6D00-7A10-8A51-5F1C0C1D0004", "value_unfit"),
        ("nowhere", "eq", "x", "field_unknown"),
    ],
)
def test_a_condition_must_fit_its_field(field: str, operator: Any, value: Any, code: str) -> None:
    found = said(won(conditions=[Condition(field=field, operator=operator, value=value)]))
    assert [fault for _, fault in found] == [code]


def test_conditions_that_fit_are_taken() -> None:
    conditions = [
        Condition(field="stage", operator="in", value=["intent", "proposal"]),
        Condition(field="amount", operator="gte", value="1000"),
        Condition(field="imported", operator="eq", value=False),
        Condition(field="channel", operator="exists", value=True),
        Condition(field="expected_close_on", operator="lt", value="2026-07-01"),
    ]
    assert said(won(conditions=conditions)) == []


def test_a_metric_that_others_divide_by_does_not_become_a_ratio() -> None:
    ratio = Ratio(kind="ratio", numerator="sales_amount", denominator="collected_amount")
    assert ("kind", "metric_in_ratio") in said(ratio, "won_count")


def test_the_fields_of_an_event_are_read_from_its_declaration() -> None:
    fields = event_fields(registry()["opportunities.interaction.logged.v1"])
    assert fields["logged_by_id"].kind is Kind.person
    assert fields["opportunity_id"].kind is Kind.identifier
    assert fields["amount"].kind is Kind.money
    assert fields["expected_close_on"].kind is Kind.day
    assert fields["imported"].kind is Kind.flag
    assert fields["pipeline_version"].kind is Kind.integer
    assert fields["direction"] == EventField(Kind.choice, ("outbound", "inbound", "mutual"))
    assert event_fields(registry()["targets.rate.set.v1"])["rate"].kind is Kind.number
    assert event_fields(registry()["targets.working_time.set.v1"])["holidays"].kind is Kind.compound


def test_a_ratio_is_told_apart_by_what_both_parts_are() -> None:
    assert dimensions(KNOWN["win_rate"], KNOWN) == {"product_line", "channel"}


def test_a_definition_gets_the_next_number_only_when_it_says_something_new() -> None:
    metric = next(built_in())
    first = metric.fact(1)
    assert next_version(first, None) == first
    second = metric.fact(2)
    assert next_version(first, second) is None
    changed = next_version(first.model_copy(update={"core": False}), second)
    assert isinstance(changed, MetricDefined)
    assert changed.metric_version == 3
