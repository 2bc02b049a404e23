"""The OpenAPI document: what every route answers besides its own, added where the route itself gives the reason."""

from collections.abc import Hashable
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.types import Scope

from runtime.problems.model import MEDIA_TYPE, Problem
from runtime.problems.refusals import ParameterUnknown
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


def operation_id(route: APIRoute) -> str:
    """The function's name: stable for as long as nobody renames it, and readable in generated clients."""
    return route.name


def complete(app: FastAPI) -> None:
    """Makes the app's OpenAPI document name problems and the headers that every POST takes.

    Raises `OperationNamedTwice` at once rather than in a client's generator.
    """
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
    _check_names(openapi())


_made: dict[Hashable, dict[str, Any]] = {}
"""The documents of this process. One costs a quarter of a second, and tests start an app of a service each."""


def _routes(app: FastAPI) -> Hashable:
    """What the document is made from."""
    routes = iter_route_contexts(app.routes)
    return app.title, app.description, tuple((route.path, _function(route)) for route in routes)


def _function(route: RouteContext) -> Hashable:
    """What a route calls; the documentation's own routes are made anew for each app, so their names stand in."""
    return route.name if route.path in open_routes() else route.endpoint


async def known_parameters(request: Request) -> None:
    """Refuses a query parameter that the route does not document (`ParameterUnknown`).

    A misspelt filter would otherwise answer the unfiltered list, which nobody would notice.
    """
    if request.query_params:
        allowed = _query_parameters(request.app).get((request.method.lower(), route_template(request.scope)))
        if allowed is not None and (unknown := sorted(request.query_params.keys() - allowed)):
            raise ParameterUnknown(asked=", ".join(unknown), allowed=", ".join(sorted(allowed)) or "–")


def _query_parameters(app: FastAPI) -> dict[tuple[str, str], frozenset[str]]:
    """By method and path: the query parameters of the OpenAPI document."""
    found: dict[tuple[str, str], frozenset[str]] | None = getattr(app.state, "query_parameters", None)
    if found is None:
        found = app.state.query_parameters = {
            (method, path): frozenset(
                p["name"] for p in operation.get("parameters", []) if p["in"] == "query"
            )
            for path, operations in app.openapi()["paths"].items()
            for method, operation in operations.items()
        }
    return found


def route_template(scope: Scope) -> str:
    """The path of the matched route with its placeholders; `unmatched` when there is none."""
    return str(getattr(scope.get("route"), "path", None) or "unmatched")


def documented_methods(scope: Scope) -> str:
    """The methods that the path of the matched route takes, as `Allow` lists them; empty where none is documented."""
    operations = scope["app"].openapi()["paths"].get(route_template(scope), {})
    return ", ".join(sorted(method.upper() for method in METHODS & operations.keys()))


def _check_names(document: dict[str, Any]) -> None:
    seen: set[str] = set()
    for path, operations in document["paths"].items():
        for method in METHODS & operations.keys():
            name = operations[method]["operationId"]
            if name in seen:
                raise OperationNamedTwice(
                    f"{method.upper()} {path}: another route's function is called {name} too"
                )
            seen.add(name)


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
