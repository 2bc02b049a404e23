"""The JSON Schemas (2020-12) of what is written: closed for writers, generated from the declarations."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from contracts.declaration import Event
from contracts.envelope import SCHEMA_NAMESPACE

type Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PROSE = frozenset({"$schema", "$id", "title", "description", "x-description-zh", "examples", "default"})
"""Keywords that explain and never refuse; a default is the reader's, and stands in no written event."""


class _Generate(GenerateJsonSchema):
    """Leaves out the titles that would only repeat the names of the fields."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def data_schema(declared: type[Event]) -> Schema:
    """The schema of an event type's `data`, with its meaning, its topic and its root beside it."""
    generated = declared.model_json_schema(mode="serialization", schema_generator=_Generate)
    fields = _inlined(generated, generated.get("$defs", {}))
    return {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_NAMESPACE}:{declared.type}",
        "title": declared.__name__,
        "description": declared.en,
        "x-description-zh": declared.zh,
        "x-topic": declared.topic,
        "x-root": declared.root_field,
        "x-subject": declared.subject_field,
        **{key: fields[key] for key in ("type", "properties", "required", "additionalProperties")},
    }


def envelope_schema() -> Schema:
    """The schema of the CloudEvents envelope, without the data."""
    text = {"type": "string", "minLength": 1}
    instant = {"type": "string", "format": "date-time"}
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "UUIDv7 of the event"},
        "source": {**text, "format": "uri-reference", "description": "The service that says it"},
        "type": {**text, "description": "service.noun.fact.vN"},
        "subject": {**text, "description": "The thing that the event speaks of"},
        "time": {**instant, "description": "When it occurred, UTC"},
        "recordedtime": {**instant, "description": "When the service recorded it, UTC"},
        "partitionkey": {**text, "description": "The root: what is numbered, and the Kafka key"},
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{20}$",
            "description": "The root's number of this fact: 1, 2, 3 … without holes",
        },
        "authid": {**text, "description": "Who did it: a person or a program"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {**text, "format": "uri", "description": "The `$id` of the schema of `data`"},
        "traceparent": {**text, "description": "W3C trace context of the request"},
        "data": {"type": "object"},
    }
    return {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_NAMESPACE}:envelope",
        "title": "Envelope",
        "description": "CloudEvents 1.0, structured JSON, with the extensions partitioning, sequence, "
        "recordedtime, authcontext and distributed tracing",
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name != "traceparent"],
    }


def shape(schema: Any) -> Any:
    """The schema without its prose: two schemas of one shape accept the same data."""
    match schema:
        case dict():
            bare = {keyword: shape(value) for keyword, value in schema.items() if keyword not in PROSE}
            if fields := schema.get("properties"):
                bare["properties"] = {name: shape(field) for name, field in fields.items()}
            return bare
        case list():
            return [shape(each) for each in schema]
        case _:
            return schema


def _inlined(schema: Any, definitions: Schema) -> Any:
    """The schema with each `$ref` replaced by what it names, so that it can stand inside any document.

    `discriminator` goes too: it is OpenAPI's word, and points at the definitions that are gone.
    """
    match schema:
        case {"$ref": str(name), **beside}:
            target = definitions[name.removeprefix("#/$defs/")]
            return _inlined({**target, **beside}, definitions)
        case dict():
            return {
                key: _inlined(value, definitions)
                for key, value in schema.items()
                if key not in ("$defs", "discriminator")
            }
        case list():
            return [_inlined(each, definitions) for each in schema]
        case _:
            return schema
