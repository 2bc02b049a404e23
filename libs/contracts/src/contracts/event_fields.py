"""What the fields of an event type are, as metrics and rules may use them: read from its declaration. Pure."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, TypeAliasType, Union, get_args, get_origin
from uuid import UUID

from contracts.declaration import Event
from contracts.fields import AmountField, CurrencyField, PersonId
from contracts.targets import Condition


class Kind(StrEnum):
    """What can be done with a field."""

    person = "person"
    identifier = "identifier"
    money = "money"
    number = "number"
    integer = "integer"
    currency = "currency"
    day = "day"
    instant = "instant"
    flag = "flag"
    choice = "choice"
    text = "text"
    compound = "compound"


SUMMED = frozenset({Kind.money, Kind.number, Kind.integer})
ORDERED = SUMMED | {Kind.day, Kind.instant}
GROUPED = frozenset({Kind.text, Kind.choice, Kind.currency, Kind.flag, Kind.identifier, Kind.person})


@dataclass(frozen=True, slots=True)
class EventField:
    """A field's kind, and what it may say where that is a closed list."""

    kind: Kind
    choices: tuple[str, ...] = ()

    def takes(self, value: str) -> bool:
        """Whether the text is a value of the field."""
        try:
            _READ.get(self.kind, str)(value)
        except (ValueError, ArithmeticError):
            return False
        return not self.choices or value in self.choices


def event_fields(event: type[Event]) -> dict[str, EventField]:
    """The fields of an event type by name."""
    return {name: _field(field.annotation) for name, field in event.model_fields.items()}


_ALIASES: dict[Any, Kind] = {
    PersonId: Kind.person,
    AmountField: Kind.money,
    CurrencyField: Kind.currency,
}
_CLASSES: list[tuple[type, Kind]] = [
    (bool, Kind.flag),
    (int, Kind.integer),
    (Decimal, Kind.number),
    (datetime, Kind.instant),
    (date, Kind.day),
    (UUID, Kind.identifier),
    (str, Kind.text),
]


_MOST_DIGITS = 40
"""More than any field has; written out, 1e999999999 would fill the memory of whoever compares with it."""


def _finite(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError(value)
    return number


def _identifier(value: str) -> None:
    _as_written(value, str(UUID(value)))


def _day(value: str) -> None:
    _as_written(value, date.fromisoformat(value).isoformat())


def _as_written(value: str, written: str) -> None:
    """Events are compared by their text: the same day or id written otherwise would match none, unnoticed."""
    if value != written:
        raise ValueError(value)


_READ: dict[Kind, Any] = {
    Kind.person: _identifier,
    Kind.identifier: _identifier,
    Kind.money: _finite,
    Kind.number: _finite,
    Kind.integer: int,
    Kind.day: _day,
    Kind.instant: datetime.fromisoformat,
}


def _field(annotation: Any) -> EventField:
    if annotation in _ALIASES:
        return EventField(_ALIASES[annotation])
    if isinstance(annotation, TypeAliasType):
        return _field(annotation.__value__)
    if get_origin(annotation) is Annotated:
        return _field(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        said = [each for each in get_args(annotation) if each is not type(None)]
        return _field(said[0]) if len(said) == 1 else EventField(Kind.compound)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return EventField(Kind.choice, tuple(str(each.value) for each in annotation))
    for cls, kind in _CLASSES:
        if isinstance(annotation, type) and issubclass(annotation, cls):
            return EventField(kind)
    return EventField(Kind.compound)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value of a definition; `place` leads to it from the definition."""

    place: tuple[str | int, ...]
    code: str
    en: str
    zh: str
    expected: list[str] = field(default_factory=list)


def condition_faults(
    place: tuple[str | int, ...], condition: Condition, fields: Mapping[str, EventField]
) -> Iterator[Fault]:
    """Everything that keeps a condition from being asked of events with these fields; `place` leads to it."""
    known = fields.get(condition.field)
    if known is None or known.kind is Kind.compound:
        yield from use_faults(fields, (*place, "field"), condition.field, set(Kind) - {Kind.compound})
        return
    if condition.operator in ("gt", "gte", "lt", "lte") and known.kind not in ORDERED:
        yield Fault(
            (*place, "operator"),
            "operator_unfit",
            "The field has no order",
            "该字段无法比较大小",
            ["eq", "ne", "in", "exists"],
        )
    elif not _value_fits(condition, known):
        yield Fault(
            (*place, "value"),
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


def use_faults(
    fields: Mapping[str, EventField],
    place: tuple[str | int, ...],
    name: str | None,
    kinds: set[Kind] | frozenset[Kind],
) -> Iterator[Fault]:
    """A fault unless the named field is one of these kinds; no name, no fault."""
    if name is None or (name in fields and fields[name].kind in kinds):
        return
    fit = names_of(fields, kinds)
    if name not in fields:
        yield Fault(place, "field_unknown", "The event has no such field", "事件没有此字段", fit)
    else:
        kind = fields[name].kind
        yield Fault(
            place, "field_unfit", f"The field is of the kind {kind}", f"该字段的类型为 {kind},不适用", fit
        )


def names_of(fields: Mapping[str, EventField], kinds: set[Kind] | frozenset[Kind]) -> list[str]:
    """The fields of these kinds, by name."""
    return sorted(name for name, field in fields.items() if field.kind in kinds)
