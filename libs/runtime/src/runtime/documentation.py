"""The OpenAPI document: what every route answers besides its own, added where the route itself gives the reason."""

from collections.abc import Hashable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import Scope

from runtime.problems.model import MEDIA_TYPE, Problem
from runtime.records import TOKEN_HEADER

SCHEMAS = "#/components/schemas/"
METHODS = {"get", "post", "put", "patch", "delete"}

TOKEN = {
    "description": "consistency token of the change: a report that is given it waits until it has heard the change; "
    "absent where nothing changed",
    "schema": {"type": "string"},
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "the same key with the same request gets the same answer, and the work is done once",
    "schema": {"type": "string", "maxLength": 255},
}


class OperationNamedTwice(TypeError):
    """Two routes of an app have functions of the same name: their operation ids would be one."""


@cache
def open_routes() -> frozenset[str]:
    """The paths that answer without a token; no other may."""
    return frozenset(files("runtime").joinpath("open_routes.txt").read_text().split())


def complete(app: FastAPI) -> None:
    """Makes the app's OpenAPI document, when it is first asked for, name problems and the headers that every POST
    takes.

    Raises `OperationNamedTwice` at once rather than in a client's generator.
    """
    _check_names(app)
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made.get(_routes(app))
        if app.openapi_schema is None:
            document = _made[_routes(app)] = original()
            schema = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas |= {**schema.pop("$defs", {}), "Problem": schema}
            for path, operations in document["paths"].items():
                for method in METHODS & operations.keys():
                    _complete_operation(path, method, operations[method])
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


_made: dict[Hashable, dict[str, Any]] = {}
"""The documents of this process. One costs a quarter of a second, and tests start an app of a service each."""


def _routes(app: FastAPI) -> Hashable:
    """What the document is made from."""
    return app.title, app.description, tuple((route.path, route.endpoint) for route in _api_routes(app))


def _api_routes(app: FastAPI) -> Iterator[APIRoute]:
    return (route for route in app.routes if isinstance(route, APIRoute))


def route_template(scope: Scope) -> str:
    """The path of the matched route with its placeholders; `unmatched` when there is none."""
    return str(getattr(scope.get("route"), "path", None) or "unmatched")


def documented_methods(scope: Scope) -> str:
    """The methods that the path of the matched route takes, as `Allow` lists them; empty where none is documented."""
    path = route_template(scope)
    return ", ".join(
        sorted({m for each in _api_routes(scope["app"]) if each.path == path for m in each.methods or ()})
    )


def _check_names(app: FastAPI) -> None:
    seen: set[str] = set()
    for route in _api_routes(app):
        if route.name in seen:
            raise OperationNamedTwice(f"{route.path}: another route's function is called {route.name} too")
        seen.add(route.name)


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    if path in open_routes():
        return
    answers = operation["responses"]
    if method != "get":
        for status, answer in answers.items():
            if status.startswith("2"):
                answer.setdefault("headers", {})[TOKEN_HEADER] = TOKEN
    for status, meaning in _problems(path, method, operation).items():
        answers[status] = {
            "description": meaning,
            "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMAS + "Problem"}}},
        }
    if method == "post":
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)


def _problems(path: str, method: str, operation: dict[str, Any]) -> dict[str, str]:
    parameters = {parameter["name"].lower(): parameter for parameter in operation.get("parameters", [])}
    problems = {"401": "No valid token", "403": "The role may not do this", "default": "Any other problem"}
    if "{" in path:
        problems["404"] = "There is no such record that the caller may see"
    if method != "get":
        problems["409"] = "A rule of the record stands against it"
    if parameters or "requestBody" in operation:
        problems["422"] = "A value breaks a rule"
    if "cursor" in parameters:
        problems["400"] = "The cursor does not fit"
    if "if-match" in parameters:
        problems["412"] = "The record has changed since it was read"
        if method != "post":
            problems["428"] = "If-Match is missing"
    return problems
