"""The AsyncAPI 3.1 document of everything that is said on Kafka, as plain data."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from contracts.declaration import Event, topic_of
from contracts.envelope import CONTENT_TYPE
from contracts.published import Revision, recorded_example
from contracts.schemas import Schema, data_schema, envelope_schema


def asyncapi(declared: Iterable[type[Event]], record: Sequence[Revision], *, partitions: int) -> Schema:
    """The document: a channel for each topic, a message for each event type, examples from the record."""
    ordered = sorted(declared, key=lambda each: each.type)
    services = {service: list(group) for service, group in groupby(ordered, lambda each: each.service)}
    return {
        "asyncapi": "3.1.0",
        "id": "urn:attain:events",
        "info": _info(),
        "defaultContentType": CONTENT_TYPE,
        "channels": {service: _channel(service, said, partitions) for service, said in services.items()},
        "operations": {f"say_{service}": _operation(service, said) for service, said in services.items()},
        "components": {
            "messages": {each.type: _message(each, recorded_example(record, each)) for each in ordered},
            "schemas": {"envelope": _embedded(envelope_schema())},
        },
    }


def _info() -> Schema:
    return {
        "title": "Attain events 达成事件",
        "version": "1.0.0",
        "description": "What the services of Attain say. Each event is a CloudEvents 1.0 envelope in structured "
        "JSON. Facts of one root (`partitionkey`) arrive in the order of their `sequence`, each at least once. "
        "Writers are closed and readers open: pass over fields that you do not know.",
    }


def _channel(service: str, said: Sequence[type[Event]], partitions: int) -> Schema:
    return {
        "address": topic_of(service),
        "title": f"What {service} says",
        "messages": {each.type: {"$ref": f"#/components/messages/{each.type}"} for each in said},
        "bindings": {
            "kafka": {
                "partitions": partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
            }
        },
    }


def _operation(service: str, said: Sequence[type[Event]]) -> Schema:
    return {
        "action": "send",
        "title": f"The {service} service states a fact",
        "channel": {"$ref": f"#/channels/{service}"},
        "messages": [{"$ref": f"#/channels/{service}/messages/{each.type}"} for each in said],
    }


def _message(declared: type[Event], example: dict[str, Any]) -> Schema:
    own = {
        "type": {"const": declared.type},
        "dataschema": {"const": data_schema(declared)["$id"]},
        "data": _embedded(data_schema(declared)),
    }
    return {
        "name": declared.type,
        "title": declared.en,
        "summary": declared.zh,
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {"content-type": {"type": "string", "const": CONTENT_TYPE}},
            "required": ["content-type"],
        },
        "payload": {"allOf": [{"$ref": "#/components/schemas/envelope"}, {"properties": own}]},
        "bindings": {"kafka": {"key": {"type": "string", "description": "The root: `partitionkey`"}}},
        "examples": [{"name": "recorded", "headers": {"content-type": CONTENT_TYPE}, "payload": example}],
    }


def _embedded(schema: Schema) -> Schema:
    """A schema as it stands inside the document: without an identity of its own."""
    return {keyword: value for keyword, value in schema.items() if keyword not in ("$schema", "$id")}
