"""What an instance that nobody uses costs: the processor time and the memory of all its processes."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

from attain.instance.layout import Instance
from attain.instance.lifecycle import SUPERVISOR, bring_up, take_down
from attain.processes.marks import find
from bench.ground import Bench
from bench.table import Row, at_most
from testkit.servers import open_folder

SETTLING = 40.0
"""Seconds after which nothing of the start goes on any more: topics, seeds, the join of each consumer group, the
compiling of Kafka, the first round of every worker."""

MEASURED = 30.0
MOST = 8.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a part has used so far: seconds of a core, with its children; and its memory now, in MB.

    Memory is the share (PSS): pages that several processes share are counted once.
    """

    seconds: float
    megabytes: float


async def measure(_bench: Bench) -> list[Row]:
    """The row of an idle instance, of one of its own: with the settings of `attain up`, not those of a bench."""
    return await asyncio.to_thread(_measured)


def _measured() -> list[Row]:
    with open_folder() as folder:
        instance = Instance(folder / "home")
        try:
            bring_up(instance, told=lambda _: None)
            time.sleep(SETTLING)
            before, began = usage(instance), time.monotonic()
            time.sleep(MEASURED)
            after, took = usage(instance), time.monotonic() - began
        finally:
            take_down(instance)
    return [_row(before, after, took)]


def _row(before: Mapping[str, Usage], after: Mapping[str, Usage], took: float) -> Row:
    shares = {
        part: 100 * (used.seconds - before[part].seconds) / took
        for part, used in after.items()
        if part in before
    }
    dearest = sorted(shares, key=lambda part: -shares[part])
    parts = ", ".join(f"{part} {shares[part]:.1f} % {after[part].megabytes:,.0f} MB" for part in dearest)
    total = sum(used.megabytes for used in after.values())
    return at_most(
        "idle instance", sum(shares.values()), MOST, "% of a core", f"{parts}; together {total:,.0f} MB"
    )


def usage(instance: Instance) -> dict[str, Usage]:
    """What each part of a running instance has used: every service, PostgreSQL, Kafka, the supervisor."""
    parts = find(instance.home)
    own = {process.pid for process in parts.values()}
    used: dict[str, Usage] = {}
    for part, process in parts.items():
        family = [process] if part == SUPERVISOR else [process, *process.children(recursive=True)]
        used[part] = _together(each for each in family if each is process or each.pid not in own)
    return used


def _together(family: Iterable[psutil.Process]) -> Usage:
    seconds = megabytes = 0.0
    for process in family:
        with suppress(psutil.NoSuchProcess):  # a connection of PostgreSQL may close meanwhile
            times = process.cpu_times()
            # What ended and was waited for counts with its parent.
            seconds += times.user + times.system + times.children_user + times.children_system
            megabytes += process.memory_full_info().pss / 2**20
    return Usage(seconds, megabytes)
