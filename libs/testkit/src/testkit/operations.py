"""The operations of a service's OpenAPI document, and requests made from it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from httpx2 import AsyncClient, Response

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    description: Mapping[str, Any] = field(repr=False)
    schemas: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """Its stable name."""
        return str(self.description["operationId"])

    @property
    def parameters(self) -> set[str]:
        """The names of its parameters in path and query."""
        return {
            each["name"] for each in self.description.get("parameters", []) if each["in"] in ("path", "query")
        }

    async def ask(self, client: AsyncClient, known: Mapping[str, str]) -> Response:
        """Sends the smallest request that the document describes.

        Parameters and fields that are `known` by name take that value, optional query parameters too; all others
        take the first value that their schema allows.
        """
        query = {}
        path = self.path
        for each in self.description.get("parameters", []):
            name, wanted = each["name"], each["name"] in known or each.get("required", False)
            value = known.get(name) or (self._sample(each["schema"], name, known) if wanted else None)
            if each["in"] == "path":
                path = path.replace(f"{{{name}}}", str(value))
            elif each["in"] == "query" and wanted:
                query[name] = value
        headers = {"If-Match": '"1"'} if self.method in ("put", "patch", "delete") else {}
        return await client.request(self.method, path, params=query, json=self._body(known), headers=headers)

    def _body(self, known: Mapping[str, str]) -> Any:
        content = self.description.get("requestBody", {}).get("content", {})
        return self._sample(content["application/json"]["schema"], "", known) if content else None

    def _sample(self, schema: Mapping[str, Any], name: str, known: Mapping[str, str]) -> Any:
        match schema:
            case {"$ref": str(reference)}:
                return self._sample(self.schemas[reference.rpartition("/")[2]], name, known)
            case _ if name in known:
                return known[name]
            case {"examples": [example, *_]} | {"const": example} | {"enum": [example, *_]}:
                return example
            case {"anyOf": [first, *_]} | {"oneOf": [first, *_]} | {"allOf": [first, *_]}:
                return self._sample(first, name, known)
            case {"type": "array"}:
                return [self._sample(schema.get("items", {}), "", known)] * schema.get("minItems", 0)
            case {"type": "object"}:
                fields = schema.get("properties", {})
                wanted = [each for each in fields if each in schema.get("required", []) or each in known]
                return {each: self._sample(fields[each], each, known) for each in wanted}
            case {"pattern": str(pattern)}:
                return next(text for text in _TEXTS if re.search(pattern, text))
            case _:
                return _SAMPLES.get(schema.get("format") or schema.get("type", ""), "sample")


_TEXTS = ("sample", "1.00", "CNY", "1")
_SAMPLES: dict[str, object] = {
    "uuid": "0199d1a2-0000-7000-8000-00000000dead",
    "date": "2026-07-01",
    "date-time": "2026-07-01T02:00:00Z",
    "integer": 1,
    "number": 1,
    "boolean": False,
}


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI document."""
    schemas = document.get("components", {}).get("schemas", {})
    for path, described in document["paths"].items():
        for method in METHODS:
            if method in described:
                yield Operation(method, path, described[method], schemas)
