"""Two shapes of one event type live side by side only where each one's reader reads the other's writer."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compatibility import Rule, breaks
from contracts.schemas import Schema

TEXT: Schema = {"type": "string"}


def schema(fields: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "x-topic": "attain-leads",
        "x-root": "id",
        "x-subject": "id",
        "type": "object",
        "properties": {"id": TEXT, **fields},
        "required": ["id", *(name for name in fields if name not in optional)],
        "additionalProperties": False,
    }


def one(field: Schema) -> Schema:
    return schema({"field": field})


def nullable(field: Schema) -> Schema:
    return {"anyOf": [field, {"type": "null"}]}


PLANTED: dict[str, tuple[str, str, Schema, Schema]] = {
    "a required field is added": ("required", "/field", schema({}), one(TEXT)),
    "an optional field becomes required": (
        "required",
        "/field",
        schema({"field": TEXT}, ("field",)),
        one(TEXT),
    ),
    "a field of a nested record is added": (
        "required",
        "/field/*/inner",
        one({"type": "array", "items": {"type": "object", "properties": {}, "additionalProperties": False}}),
        one(
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"inner": TEXT},
                    "required": ["inner"],
                    "additionalProperties": False,
                },
            }
        ),
    ),
    "a type changes": ("type", "/field", one(TEXT), one({"type": "integer"})),
    "a field becomes nullable": ("type", "/field", one(TEXT), one(nullable(TEXT))),
    "a record becomes a map": (
        "type",
        "/field",
        one({"type": "object", "properties": {}, "additionalProperties": False}),
        one({"type": "object", "additionalProperties": TEXT}),
    ),
    "a record becomes a map of anything": (
        "type",
        "/field",
        one({"type": "object", "properties": {}, "additionalProperties": False}),
        one({"type": "object", "additionalProperties": True}),
    ),
    "the values of a map are no longer anything": (
        "type",
        "/field/*",
        one({"type": "object", "additionalProperties": True}),
        one({"type": "object", "additionalProperties": TEXT}),
    ),
    "the values of a map change": (
        "type",
        "/field/*",
        one({"type": "object", "additionalProperties": TEXT}),
        one({"type": "object", "additionalProperties": {"type": "integer"}}),
    ),
    "the items of a list change": (
        "format",
        "/field/*",
        one({"type": "array", "items": TEXT}),
        one({"type": "array", "items": {**TEXT, "format": "date"}}),
    ),
    "an enumeration gains a value": (
        "enum",
        "/field",
        one({**TEXT, "enum": ["a"]}),
        one({**TEXT, "enum": ["a", "b"]}),
    ),
    "text becomes an enumeration": ("enum", "/field", one(TEXT), one({**TEXT, "enum": ["a"]})),
    "a constant changes": ("enum", "/field", one({**TEXT, "const": "a"}), one({**TEXT, "const": "b"})),
    "a format changes": (
        "format",
        "/field",
        one({**TEXT, "format": "uuid"}),
        one({**TEXT, "format": "date"}),
    ),
    "a pattern changes": (
        "pattern",
        "/field",
        one({**TEXT, "pattern": "^a$"}),
        one({**TEXT, "pattern": "^b$"}),
    ),
    "a lower bound rises": ("bound", "/field", one({**TEXT, "minLength": 1}), one({**TEXT, "minLength": 2})),
    "an upper bound falls": ("bound", "/field", one({**TEXT, "maxLength": 9}), one({**TEXT, "maxLength": 8})),
    "a bound appears": ("bound", "/field", one({"type": "integer"}), one({"type": "integer", "minimum": 0})),
    "a bound of a decimal appears": ("bound", "/field", one(TEXT), one({**TEXT, "x-gt": "0"})),
    "a keyword without a rule appears": (
        "keyword",
        "/field",
        one({"type": "array", "items": TEXT}),
        one({"type": "array", "items": TEXT, "uniqueItems": True}),
    ),
    "the root changes": ("identity", "", schema({}), schema({}) | {"x-root": "other"}),
    "the topic changes": ("identity", "", schema({}), schema({}) | {"x-topic": "attain-targets"}),
    "the subject changes": ("identity", "", schema({}), schema({}) | {"x-subject": "other"}),
}

ALLOWED: dict[str, tuple[Schema, Schema]] = {
    "an optional field is added": (schema({}), schema({"field": TEXT}, ("field",))),
    "nothing but prose changes": (one(TEXT), one({**TEXT, "description": "why", "examples": ["a"]})),
    "alternatives change their order": (
        one({"anyOf": [TEXT, {"type": "null"}]}),
        one({"anyOf": [{"type": "null"}, TEXT]}),
    ),
    "an enumeration changes its order": (
        one({**TEXT, "enum": ["a", "b"]}),
        one({**TEXT, "enum": ["b", "a"]}),
    ),
}


@pytest.mark.parametrize(("rule", "path", "old", "new"), PLANTED.values(), ids=PLANTED)
def test_a_planted_break_is_found_by_its_rule_in_either_order(
    rule: str, path: str, old: Schema, new: Schema
) -> None:
    for pair in ((old, new), (new, old)):
        assert {(each.rule, each.path) for each in breaks(*pair)} == {(rule, path)}


def test_every_rule_has_a_planted_break() -> None:
    assert {rule for rule, *_ in PLANTED.values()} == set(get_args(Rule.__value__))


@pytest.mark.parametrize(("old", "new"), ALLOWED.values(), ids=ALLOWED)
def test_an_allowed_change_is_no_break_in_either_order(old: Schema, new: Schema) -> None:
    assert breaks(old, new) == []
    assert breaks(new, old) == []


def test_a_break_says_where_it_is_and_what_differs() -> None:
    found = breaks(one({**TEXT, "enum": ["a"]}), one({**TEXT, "enum": ["a", "b"]}))
    assert [str(each) for each in found] == ["/field: enum: ['b'] may be written and are not read"]


FIELDS = st.sampled_from(
    [TEXT, {"type": "integer"}, nullable(TEXT), {**TEXT, "format": "date"}, {**TEXT, "enum": ["a"]}]
)
SCHEMAS = st.dictionaries(st.sampled_from("abc"), st.tuples(FIELDS, st.booleans())).map(
    lambda fields: schema(
        {name: field for name, (field, _) in fields.items()},
        tuple(name for name, (_, optional) in fields.items() if optional),
    )
)


@given(SCHEMAS, SCHEMAS)
def test_compatibility_is_equality_but_for_optional_fields_on_one_side(old: Schema, new: Schema) -> None:
    def strict(one: Schema, other: Schema) -> bool:
        shared = one["properties"].keys() & other["properties"].keys()
        alone = one["properties"].keys() - shared
        return not alone & set(one["required"]) and all(
            one["properties"][name] == other["properties"][name]
            and (name in one["required"]) == (name in other["required"])
            for name in shared
        )

    assert (breaks(old, new) == []) == (strict(old, new) and strict(new, old))
    assert (breaks(new, old) == []) == (breaks(old, new) == [])
