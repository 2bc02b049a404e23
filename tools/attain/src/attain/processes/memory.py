"""How much memory a process and its children use."""

from contextlib import suppress

import psutil


def memory_in_use(process: psutil.Process) -> int:
    """Bytes, of the process and all below it. Shared pages count once in all where the system tells (Linux: PSS)."""
    total = 0
    with suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += _proportional(each)
    return total


def _proportional(process: psutil.Process) -> int:
    try:
        pss = getattr(process.memory_full_info(), "pss", None)
    except psutil.AccessDenied:
        pss = None
    return int(process.memory_info().rss if pss is None else pss)
