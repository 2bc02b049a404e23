"""Text that PostgreSQL cannot keep, U+0000, is refused before any rule sees it, and named like any bad value."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError

type _Place = tuple[str | int, ...]

_NUL = "\0"


async def storable_text(request: Request) -> None:
    """Refuses a request whose path, query or body holds U+0000. Raises `RequestValidationError`."""
    found: list[_Place] = [("path", name) for name, value in request.path_params.items() if _NUL in value]
    found += [("query", name) for name, value in request.query_params.multi_items() if _NUL in value]
    if b"\\u0000" in (body := await request.body()):
        found += _inside(("body",), json.loads(body))
    if found:
        raise RequestValidationError([_error(place) for place in found])


def _inside(root: _Place, value: Any) -> Iterator[_Place]:
    """Where the value holds the character, in texts or in names; without recursion, for it may be deep."""
    open_ends = [(root, value)]
    while open_ends:
        place, value = open_ends.pop()
        if isinstance(value, str) and _NUL in value:
            yield place
        elif isinstance(value, list):
            open_ends += [((*place, number), each) for number, each in enumerate(value)]
        elif isinstance(value, dict):
            yield from (place for name in value if _NUL in name)
            open_ends += [((*place, name), each) for name, each in value.items() if _NUL not in name]


def _error(place: _Place) -> dict[str, Any]:
    shown = tuple(step.replace(_NUL, "") if isinstance(step, str) else step for step in place)
    zh = "不能包含字符 U+0000"
    return {
        "type": "null_character",
        "loc": shown,
        "msg": "The character U+0000 is not allowed",
        "ctx": {"zh": zh},
    }
