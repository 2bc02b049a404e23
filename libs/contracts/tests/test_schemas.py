"""Every event type has a closed JSON Schema and an example that fits it."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

import contracts
from contracts import Event, open_envelope
from contracts.examples import example
from contracts.schemas import data_schema, envelope_schema, shape

TYPES = sorted(contracts.registry().values(), key=lambda each: each.type)
each_type = pytest.mark.parametrize("declared", TYPES, ids=lambda each: each.type)


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every schema of a record (an object with fields) inside a schema."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    found = [each for value in inner for each in objects(value)]
    return [schema, *found] if isinstance(schema, dict) and schema.get("type") == "object" else found


@each_type
def test_a_schema_is_valid_and_closed_for_its_writer(declared: type[Event]) -> None:
    schema = data_schema(declared)
    Draft202012Validator.check_schema(schema)
    records = [each for each in objects(schema) if not isinstance(each.get("additionalProperties"), dict)]
    assert records
    assert all(each["additionalProperties"] is False for each in records)


@each_type
def test_a_schema_says_what_the_type_means_and_where_it_travels(declared: type[Event]) -> None:
    schema = data_schema(declared)
    assert schema["$id"] == f"urn:attain:schema:{declared.type}"
    assert schema["x-topic"] == f"attain-{declared.service}"
    assert schema["x-root"] in schema["required"]
    assert schema["description"]
    assert any("一" <= letter <= "鿿" for letter in schema["x-description-zh"])


@each_type
def test_an_example_fits_its_schema_and_is_read_back_as_it_is(declared: type[Event]) -> None:
    envelope = example(declared)
    Draft202012Validator(envelope_schema()).validate(envelope)
    Draft202012Validator(data_schema(declared)).validate(envelope["data"])
    received = open_envelope(json.dumps(envelope).encode()).event()
    assert type(received) is declared
    assert received.model_dump(mode="json") == envelope["data"]


def test_the_bounds_of_a_decimal_stand_beside_its_pattern() -> None:
    received = data_schema(contracts.registry()["opportunities.receipt.recorded.v1"])["properties"]
    assert received["received_amount"]["x-gt"] == "0"
    assert "x-gt" not in json.dumps(received["amount"])


@pytest.mark.parametrize("amount", ["1200", "1200.0", "1,200.00", 1200, None])
def test_an_amount_is_a_string_with_two_decimals(amount: object) -> None:
    schema = data_schema(contracts.registry()["opportunities.receipt.recorded.v1"])
    with pytest.raises(ValidationError):
        Draft202012Validator(schema["properties"]["received_amount"]).validate(amount)


def test_a_shape_has_no_prose_but_keeps_fields_that_are_named_like_prose() -> None:
    schema = {"description": "why", "properties": {"title": {"type": "string", "examples": ["a"]}}}
    assert shape(schema) == {"properties": {"title": {"type": "string"}}}
