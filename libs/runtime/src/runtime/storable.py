"""Text that PostgreSQL cannot keep, U+0000 and halves of surrogate pairs, is refused before any rule sees it, and
named like any bad value.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError

type _Place = tuple[str | int, ...]

_NUL = "\0"
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_NULL_CHARACTER = {
    "type": "null_character",
    "msg": "The character U+0000 is not allowed",
    "ctx": {"zh": "不能包含字符 U+0000"},
}
_HALF_A_CHARACTER = {
    "type": "string_unicode",
    "msg": "Input should be a valid string, half of a surrogate pair is no character",
}


async def storable_text(request: Request) -> None:
    """Refuses a request whose path, query or body holds such text. Raises `RequestValidationError`."""
    found = [_error(("path", name), _NUL) for name, value in request.path_params.items() if _NUL in value]
    found += [
        _error(("query", name), _NUL) for name, value in request.query_params.multi_items() if _NUL in value
    ]
    body = await request.body()
    if b"\0" in body:  # JSON in UTF-8 has none; Python would also read UTF-16, where no escape is recognised
        found.append(_error(("body",), _NUL))
    elif _SUSPICIOUS.search(body):
        found += [_error(place, text) for place, text in _inside(("body",), _read(body)) if not _fits(text)]
    if found:
        raise RequestValidationError(found)


def is_suspicious(body: bytes) -> bool:
    """Whether the body may hold such text, and has to be looked at."""
    return b"\0" in body or _SUSPICIOUS.search(body) is not None


def _read(body: bytes) -> Any:
    """The body as JSON; None for one that is none: whether it may be so is for the route to say."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _inside(root: _Place, value: Any) -> Iterator[tuple[_Place, str]]:
    """Every text and where it stands, a name at its object; without recursion, for the value may be deep."""
    open_ends = [(root, value)]
    while open_ends:
        place, value = open_ends.pop()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, list):
            open_ends += [((*place, number), each) for number, each in enumerate(value)]
        elif isinstance(value, dict):
            yield from ((place, name) for name in value)
            open_ends += [((*place, name), each) for name, each in value.items() if _fits(name)]


def _fits(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _error(place: _Place, text: str) -> dict[str, Any]:
    return {"loc": place, **(_NULL_CHARACTER if _NUL in text else _HALF_A_CHARACTER)}
