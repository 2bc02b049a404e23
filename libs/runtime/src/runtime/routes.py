"""Routers of services: what each route asks before its own function, and when a route is worked out."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.utils import get_openapi
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from runtime.principal import current_principal
from runtime.problems.refusals import ParameterUnknown
from runtime.storable import storable_text


class Route(APIRoute):
    """A route whose parameters and models FastAPI works out when it is first asked, or shown in the document.

    A service has up to a hundred, each costs milliseconds, and a process that was killed is to be back at once; so
    its first request pays for the one route that it takes. Until then there is what a request is matched by.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        self._declared: dict[str, Any] | None = {"path": path, "endpoint": endpoint, **declared}
        self.path, self.endpoint = path, endpoint
        self.name = declared.get("name") or endpoint.__name__
        self.methods = {method.upper() for method in declared.get("methods") or ["GET"]}
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)

    def __getattr__(self, name: str) -> Any:
        """What is not there yet."""
        declared = self.__dict__.get("_declared")
        if declared is None:
            raise AttributeError(name)
        self._declared = None
        try:
            super().__init__(**declared)
        except BaseException:
            self._declared = declared
            raise
        return getattr(self, name)

    @cached_property
    def query_parameters(self) -> frozenset[str]:
        """The names of the query parameters that the document shows."""
        paths = get_openapi(title=self.name, version="1", routes=[self])["paths"]
        return frozenset(
            parameter["name"]
            for operations in paths.values()
            for operation in operations.values()
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query"
        )


async def known_parameters(request: Request) -> None:
    """Refuses a query parameter that the route does not document (`ParameterUnknown`).

    A misspelt filter would otherwise answer the unfiltered list, which nobody would notice.
    """
    if request.query_params:
        allowed: frozenset[str] = request.scope["route"].query_parameters
        if unknown := sorted(request.query_params.keys() - allowed):
            raise ParameterUnknown(asked=", ".join(unknown), allowed=", ".join(sorted(allowed)) or "–")


def operation_id(route: APIRoute) -> str:
    """The function's name: stable for as long as nobody renames it, and readable in generated clients."""
    return route.name


_BEFORE_EACH_ROUTE = (current_principal, known_parameters, storable_text)


class Router(APIRouter):
    """The routes of a room.

    Each needs a token, whether or not it asks for the principal, and refuses query parameters that it does not
    document and text that cannot be kept; `dependencies` come after that. An `is_open` router asks nothing first.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: Sequence[str] = (),
        dependencies: Sequence[Dependency] = (),
        is_open: bool = False,
    ) -> None:
        before = () if is_open else tuple(Depends(each) for each in _BEFORE_EACH_ROUTE)
        super().__init__(
            prefix=prefix,
            tags=[*tags],
            dependencies=[*before, *dependencies],
            route_class=Route,
            generate_unique_id_function=operation_id,
        )
