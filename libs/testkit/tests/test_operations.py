"""Requests are made from what an OpenAPI document says."""

import json

from httpx2 import AsyncClient, MockTransport, Request, Response

from testkit.operations import operations

DOCUMENT = {
    "paths": {
        "/things/{thing_id}": {
            "patch": {
                "operationId": "change_thing",
                "parameters": [
                    {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "day", "in": "query", "required": True, "schema": {"format": "date"}},
                    {"name": "owner_id", "in": "query", "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["kind", "parts", "owner_id"],
                "properties": {
                    "kind": {"enum": ["first", "second"]},
                    "parts": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
                    "owner_id": {"anyOf": [{"format": "uuid"}, {"type": "null"}]},
                    "note": {"type": "string"},
                },
            }
        }
    },
}


async def test_a_request_takes_what_is_known_and_samples_what_is_required() -> None:
    [change] = operations(DOCUMENT)
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(204)

    async with AsyncClient(transport=MockTransport(answer), base_url="http://things") as client:
        await change.ask(client, {"thing_id": "t1", "owner_id": "o1"})
    [request] = asked
    assert (request.method, request.url.path) == ("PATCH", "/things/t1")
    assert dict(request.url.params) == {"day": "2026-07-01", "owner_id": "o1"}
    assert json.loads(request.content) == {"kind": "first", "parts": [1], "owner_id": "o1"}
    assert (change.id, change.parameters) == ("change_thing", {"thing_id", "day", "owner_id", "limit"})
