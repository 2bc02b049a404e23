"""How much memory a process and its children use."""

from contextlib import suppress

import psutil


def memory_in_use(process: psutil.Process, *, below: bool) -> int:
    """Bytes, of the process and, if asked for, of all below it.

    Pages that several share are counted once in all where the system tells (Linux: PSS).
    """
    total = 0
    with suppress(psutil.Error):
        for each in (process, *(process.children(recursive=True) if below else ())):
            with suppress(psutil.Error):
                total += _proportional(each)
    return total


def _proportional(process: psutil.Process) -> int:
    try:
        pss = getattr(process.memory_full_info(), "pss", None)
    except psutil.AccessDenied:
        pss = None
    return int(process.memory_info().rss if pss is None else pss)
