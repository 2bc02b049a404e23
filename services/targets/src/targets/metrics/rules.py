"""When a definition is sound: its event exists, its fields are there and can bear what is asked of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from contracts import Event
from contracts.targets import Condition, CountOrSum, MetricDefined, Ratio
from targets.metrics.event_fields import GROUPED, ORDERED, SUMMED, EventField, Kind, event_fields

type Definition = CountOrSum | Ratio


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value of a definition; `place` leads to it from the definition."""

    place: tuple[str | int, ...]
    code: str
    en: str
    zh: str
    expected: list[str] = field(default_factory=list)


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
        *_use(fields, ("credited_field",), definition.credited_field, {Kind.person}),
        *_use(fields, ("date_field",), definition.date_field, {Kind.day}),
        *_dimension_faults(definition, fields),
        *(
            fault
            for n, condition in enumerate(definition.conditions)
            for fault in _condition_faults(n, condition, fields)
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
    summed = _names(fields, SUMMED)
    if definition.value_field is None:
        yield Fault(("value_field",), "missing", "A sum needs a field", "求和需要指定字段", summed)
        return
    yield from _use(fields, ("value_field",), definition.value_field, SUMMED)
    yield from _use(fields, ("currency_field",), definition.currency_field, {Kind.currency})
    value = fields.get(definition.value_field)
    if value and value.kind is Kind.money and definition.currency_field is None:
        currencies = _names(fields, {Kind.currency})
        yield Fault(
            ("currency_field",), "missing", "An amount needs its currency", "金额需要指定币种字段", currencies
        )


def _dimension_faults(definition: CountOrSum, fields: Mapping[str, EventField]) -> Iterator[Fault]:
    for n, name in enumerate(definition.dimensions):
        yield from _use(fields, ("dimensions", n), name, GROUPED)
        if name in definition.dimensions[:n]:
            yield Fault(("dimensions", n), "named_twice", "The dimension is named twice", "维度重复")


def _condition_faults(n: int, condition: Condition, fields: Mapping[str, EventField]) -> Iterator[Fault]:
    known = fields.get(condition.field)
    if known is None or known.kind is Kind.compound:
        yield from _use(fields, ("conditions", n, "field"), condition.field, set(Kind) - {Kind.compound})
        return
    if condition.operator in ("gt", "gte", "lt", "lte") and known.kind not in ORDERED:
        yield Fault(
            ("conditions", n, "operator"),
            "operator_unfit",
            "The field has no order",
            "该字段无法比较大小",
            ["eq", "ne", "in", "exists"],
        )
    elif not _value_fits(condition, known):
        yield Fault(
            ("conditions", n, "value"),
            "value_unfit",
            f"The operator takes {_WANTED.get(condition.operator, 'one value')} of the kind {known.kind}",
            f"该运算符的值须为 {known.kind} 类型",
            list(known.choices),
        )


_WANTED = {"in": "a list of values", "exists": "true or false, whatever the values"}


def _value_fits(condition: Condition, known: EventField) -> bool:
    value: Any = condition.value
    if condition.operator == "exists":
        return isinstance(value, bool)
    if condition.operator == "in":
        return isinstance(value, list) and bool(value) and all(known.takes(each) for each in value)
    if known.kind is Kind.flag:
        return isinstance(value, bool)
    return isinstance(value, str) and known.takes(value)


def _use(
    fields: Mapping[str, EventField],
    place: tuple[str | int, ...],
    name: str | None,
    kinds: set[Kind] | frozenset[Kind],
) -> Iterator[Fault]:
    """A fault unless the named field is one of these kinds; no name, no fault."""
    if name is None or (name in fields and fields[name].kind in kinds):
        return
    fit = _names(fields, kinds)
    if name not in fields:
        yield Fault(place, "field_unknown", "The event has no such field", "事件没有此字段", fit)
    else:
        kind = fields[name].kind
        yield Fault(
            place, "field_unfit", f"The field is of the kind {kind}", f"该字段的类型为 {kind},不适用", fit
        )


def _names(fields: Mapping[str, EventField], kinds: set[Kind] | frozenset[Kind]) -> list[str]:
    return sorted(name for name, field in fields.items() if field.kind in kinds)
