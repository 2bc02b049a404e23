"""A reader's position as an opaque cursor. It belongs to one service and to no filter."""

from messaging import FeedPosition, FeedWindow
from runtime import decode_cursor, encode_cursor

_WIDTH = 6


def written(position: FeedPosition, service: str) -> str:
    """The position as a cursor."""
    window = position.window
    open_ = (window.upto, window.after, window.first, window.last) if window else (None, 0, 0, 0)
    return encode_cursor([position.epoch, position.prev, *open_], _scope(service))


def read(cursor: str, service: str) -> FeedPosition:
    """The position in a cursor. Raises `CursorMalformed`, and `CursorMismatch` for another service's."""
    epoch, prev, upto, after, first, last = decode_cursor(cursor, _scope(service), _WIDTH)
    return FeedPosition(epoch, prev, FeedWindow(upto, after, first, last) if upto else None)


def _scope(service: str) -> dict[str, str]:
    return {"feed": service}
