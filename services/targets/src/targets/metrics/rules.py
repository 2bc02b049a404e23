"""When a definition is sound: its event exists, its fields are there and can bear what is asked of them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from contracts import Event
from contracts.event_fields import (
    GROUPED,
    SUMMED,
    EventField,
    Fault,
    Kind,
    condition_faults,
    event_fields,
    names_of,
    use_faults,
)
from contracts.targets import CountOrSum, MetricDefined, Ratio

type Definition = CountOrSum | Ratio


def faults(
    code: str, definition: Definition, events: Mapping[str, type[Event]], metrics: Mapping[str, Definition]
) -> list[Fault]:
    """Everything that keeps the definition of metric `code` from being computed; `metrics` are those known."""
    if isinstance(definition, Ratio):
        return list(_ratio_faults(code, definition, metrics))
    if definition.event_type not in events:
        return [
            Fault(
                ("event_type",), "event_unknown", "No event has this type", "没有此类型的事件", sorted(events)
            )
        ]
    fields = event_fields(events[definition.event_type])
    return [
        *_value_faults(definition, fields),
        *use_faults(fields, ("credited_field",), definition.credited_field, {Kind.person}),
        *use_faults(fields, ("date_field",), definition.date_field, {Kind.day}),
        *_dimension_faults(definition, fields),
        *(
            fault
            for n, condition in enumerate(definition.conditions)
            for fault in condition_faults(("conditions", n), condition, fields)
        ),
    ]


def next_version(proposed: MetricDefined, current: MetricDefined | None) -> MetricDefined | None:
    """The proposal as the version after the current one; None when it says nothing new."""
    if current is None:
        return proposed.model_copy(update={"metric_version": 1})
    if proposed.model_copy(update={"metric_version": current.metric_version}) == current:
        return None
    return proposed.model_copy(update={"metric_version": current.metric_version + 1})


def quantum(definition: Definition) -> Decimal:
    """The smallest part of a value: whole units for counts, cents for sums, six places for ratios."""
    if isinstance(definition, Ratio):
        return Decimal("0.000001")
    return Decimal(1) if definition.kind == "count" else Decimal("0.01")


def dimensions(definition: Definition, metrics: Mapping[str, Definition]) -> frozenset[str]:
    """By what values of the metric can be told apart; of a ratio, what both its parts can."""
    if isinstance(definition, Ratio):
        numerator, denominator = metrics[definition.numerator], metrics[definition.denominator]
        return dimensions(numerator, metrics) & dimensions(denominator, metrics)
    return frozenset(definition.dimensions)


def _ratio_faults(code: str, ratio: Ratio, metrics: Mapping[str, Definition]) -> Iterator[Fault]:
    usable = sorted(name for name, known in metrics.items() if not isinstance(known, Ratio) and name != code)
    for place, name in (("numerator", ratio.numerator), ("denominator", ratio.denominator)):
        if name not in usable:
            yield Fault(
                (place,),
                "metric_unusable",
                "A ratio divides two other metrics that are no ratios",
                "比率只能由另外两个非比率指标相除",
                usable,
            )
    if any(
        isinstance(each, Ratio) and code in (each.numerator, each.denominator) for each in metrics.values()
    ):
        yield Fault(
            ("kind",),
            "metric_in_ratio",
            "Another ratio is computed from this metric",
            "已有比率由该指标计算",
            ["count", "sum"],
        )


def _value_faults(definition: CountOrSum, fields: Mapping[str, EventField]) -> Iterator[Fault]:
    if definition.kind == "count":
        for name in ("value_field", "currency_field"):
            if getattr(definition, name) is not None:
                yield Fault((name,), "not_counted", "A count takes no field", "计数不需要字段")
        return
    summed = names_of(fields, SUMMED)
    if definition.value_field is None:
        yield Fault(("value_field",), "missing", "A sum needs a field", "求和需要指定字段", summed)
        return
    yield from use_faults(fields, ("value_field",), definition.value_field, SUMMED)
    yield from use_faults(fields, ("currency_field",), definition.currency_field, {Kind.currency})
    value = fields.get(definition.value_field)
    if value and value.kind is Kind.money and definition.currency_field is None:
        currencies = names_of(fields, {Kind.currency})
        yield Fault(
            ("currency_field",), "missing", "An amount needs its currency", "金额需要指定币种字段", currencies
        )


def _dimension_faults(definition: CountOrSum, fields: Mapping[str, EventField]) -> Iterator[Fault]:
    for n, name in enumerate(definition.dimensions):
        yield from use_faults(fields, ("dimensions", n), name, GROUPED)
        if name in definition.dimensions[:n]:
            yield Fault(("dimensions", n), "named_twice", "The dimension is named twice", "维度重复")
