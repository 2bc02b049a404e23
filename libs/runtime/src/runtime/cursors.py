"""Opaque cursors: the sort key of the last row and a hash of the filter that the list was made with."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from runtime.problems.refusals import CursorMalformed, CursorMismatch

_WRITE: list[tuple[type, str]] = [(UUID, "u"), (datetime, "t"), (date, "d"), (Decimal, "n")]
_READ: dict[str, Callable[[str], Any]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
}


def encode_cursor(key: Sequence[Any], filters: Mapping[str, Any]) -> str:
    """A cursor after the row with this sort key. Keys: str, int, bool, None, UUID, datetime, date or Decimal."""
    fingerprint, written = _fingerprint(filters), [_write(value) for value in key]
    payload = json.dumps(
        [fingerprint, _checksum(fingerprint, written), *written], separators=(",", ":"), ensure_ascii=False
    )
    return base64.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, filters: Mapping[str, Any], width: int) -> list[Any]:
    """The sort key (`width` values) in a cursor.

    Raises `CursorMismatch` when it was made under another filter or order, `CursorMalformed` when it is none.
    """
    try:
        payload = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        fingerprint, checksum, *key = payload
        values = [_read(value) for value in key]
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise CursorMalformed from error
    if checksum != _checksum(fingerprint, key):
        raise CursorMalformed
    if fingerprint != _fingerprint(filters):
        raise CursorMismatch
    if len(values) != width:
        raise CursorMalformed
    return values


def _fingerprint(filters: Mapping[str, Any]) -> str:
    given = {name: value for name, value in sorted(filters.items()) if value is not None}
    return hashlib.sha256(to_json(given)).hexdigest()[:16]


def _checksum(fingerprint: Any, written: Sequence[Any]) -> str:
    """Notices a key that was altered: in a query it could have a type that its column has not."""
    return hashlib.sha256(json.dumps([fingerprint, *written]).encode()).hexdigest()[:16]


def _write(value: Any) -> Any:
    for kind, tag in _WRITE:
        if isinstance(value, kind):
            return [tag, value.isoformat() if isinstance(value, date) else str(value)]
    return value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        tag, written = value
        return _READ[tag](written)
    if isinstance(value, dict):
        raise TypeError("no cursor holds an object")
    return value
