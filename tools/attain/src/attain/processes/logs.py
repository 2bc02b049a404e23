"""The logs of processes: one file each, rotated when its process begins anew, the last few kept."""

import json
import re
from pathlib import Path

_KEPT = 3
_ROTATE_ABOVE = 32 * 1024 * 1024
_TAIL = 128 * 1024
_ERROR = re.compile(
    r'"level":\s*"(error|critical)"|\b(ERROR|FATAL|PANIC|CRITICAL)\b|^[\w.]*(Error|Exception|Refused)\b',
    re.MULTILINE,
)


def rotate(log: Path, above: int = 0) -> None:
    """Set a log of more than `above` bytes aside: `x.log` becomes `x.log.1`, that one `x.log.2`."""
    if not log.exists() or log.stat().st_size <= above:
        return
    for number in range(_KEPT, 1, -1):
        older = log.with_name(f"{log.name}.{number - 1}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number}"))
    log.replace(log.with_name(f"{log.name}.1"))


def rotate_when_large(log: Path) -> None:
    """The same at a restart, where a short log is rather continued, since it says why the process died."""
    rotate(log, _ROTATE_ABOVE)


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(_end(log).splitlines()[-lines:])


def last_error(log: Path) -> str | None:
    """The last line near the log's end that speaks of an error; of a JSON line, its time and what happened."""
    found = [line for line in _end(log).splitlines() if _ERROR.search(line)]
    return _readable(found[-1]) if found else None


def _readable(line: str) -> str:
    try:
        entry = json.loads(line)
        return f"{entry['time']} {entry['message']}"
    except (ValueError, KeyError, TypeError):
        return line


def _end(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        return file.read().decode(errors="replace")
