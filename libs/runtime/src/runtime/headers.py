"""The headers of a request, straight from its ASGI scope."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a header, named in small letters; the first of those with the name, and None without one.

    Every request is asked for a handful, most of them absent: Starlette's `Headers` raises for each of those.
    """
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None
