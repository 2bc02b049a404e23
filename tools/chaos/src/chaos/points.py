"""Named points of the production code at which a process can be killed, without a failpoint in that code.

The launcher wraps the functions that are named here. A name that no longer exists is an error at the start, so that a
change of the code cannot quietly take the fault away.
"""

import functools
import inspect
import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

ORDERS = "CHAOS_ORDERS"
"""Variable with the file in which a process finds what it is to do, and beside which it says that it is done."""


class PointMissing(Exception):
    """The code no longer has the function that a point names."""


class Moment(StrEnum):
    """When the process dies: before the function begins, or once it has returned."""

    before = "before"
    after = "after"


@dataclass(frozen=True, slots=True)
class Point:
    """A function of a module, `Class.method` or a plain name, and the moment."""

    module: str
    function: str
    moment: Moment

    def find(self) -> tuple[Any, str, Callable[..., Any]]:
        """Who holds the function, under which name, and the function. Raises `PointMissing`."""
        try:
            holder: Any = import_module(self.module)
            *path, name = self.function.split(".")
            for each in path:
                holder = getattr(holder, each)
            return holder, name, inspect.getattr_static(holder, name)
        except (ImportError, AttributeError) as error:
            raise PointMissing(f"{self.module}.{self.function} does not exist") from error


POINTS = {
    "api before its commit": Point("asyncpg.transaction", "Transaction._Transaction__commit", Moment.before),
    "api after its commit": Point("asyncpg.transaction", "Transaction._Transaction__commit", Moment.after),
    "relay before its page": Point("messaging.publisher", "Publisher.publish", Moment.before),
    "relay after the acks": Point("messaging.windows", "Windows._write", Moment.before),
    "consumer in its transaction": Point("messaging.books", "Books.move", Moment.before),
    "consumer after its commit": Point("messaging.lanes", "Lanes.done", Moment.before),
}

COMMITS_AT_ONCE = Point("runtime.shortcuts", "_act", Moment.after)
"""A shortcut commits by its one statement, and comes to no `Transaction`: here too the API is after its commit."""

DROPS = "relay drops a record"
"""Not a kill: the publisher leaves one record out of its page and believes that Kafka has it."""

PUBLISH = Point("messaging.publisher", "Publisher.publish", Moment.before)


def check() -> None:
    """Raises `PointMissing` for a point that the code no longer has."""
    for point in (*POINTS.values(), COMMITS_AT_ONCE, PUBLISH):
        point.find()


@dataclass(frozen=True, slots=True)
class Orders:
    """The file of one process."""

    file: Path

    @property
    def done(self) -> Path:
        return self.file.with_suffix(".done")

    def give(self, point: str, skip: int = 0) -> None:
        """Lets the process act at the point once it has passed there `skip` times."""
        self.done.unlink(missing_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({"point": point, "skip": skip}))
        fresh.replace(self.file)

    def withdraw(self) -> None:
        """Takes back what was not done yet."""
        self.file.unlink(missing_ok=True)

    def report(self) -> dict[str, Any] | None:
        """What the process says that it did, with the time (Unix seconds) as `at`."""
        try:
            said: dict[str, Any] = json.loads(self.done.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return said

    def due(self, point: str) -> bool:
        """Whether the process has come to the point as often as it should."""
        try:
            order = json.loads(self.file.read_text())
        except (FileNotFoundError, ValueError):
            return False
        if order["point"] != point:
            return False
        if order["skip"] > 0:
            self.give(point, order["skip"] - 1)
            return False
        return True

    def tell(self, **said: object) -> None:
        """Says that it is done, before anything else happens."""
        self.file.unlink(missing_ok=True)
        fresh = self.file.with_suffix(".told")
        fresh.write_text(json.dumps({"at": time.time(), **said}))
        fresh.replace(self.done)


def install(orders: Orders) -> None:
    """Wraps the functions of all points in this process."""
    for name, point in POINTS.items():
        _wrap(point, functools.partial(_die, orders, name))
    wrap_committing_at_once(orders)
    _wrap_publishing(orders)


def _die(orders: Orders, name: str) -> None:
    if orders.due(name):
        orders.tell(point=name)
        os.kill(os.getpid(), signal.SIGKILL)


def _wrap(point: Point, hit: Callable[[], None]) -> None:
    holder, name, original = point.find()
    before = point.moment is Moment.before
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def waiting(*arguments: Any, **named: Any) -> Any:
            if before:
                hit()
            result = await original(*arguments, **named)
            if not before:
                hit()
            return result

        setattr(holder, name, waiting)
    else:

        @functools.wraps(original)
        def plain(*arguments: Any, **named: Any) -> Any:
            if before:
                hit()
            result = original(*arguments, **named)
            if not before:
                hit()
            return result

        setattr(holder, name, plain)


def wrap_committing_at_once(orders: Orders) -> None:
    """Wraps what carries a shortcut out."""
    holder, name, original = COMMITS_AT_ONCE.find()

    @functools.wraps(original)
    async def act(shortcut: Any, asked: Any) -> Any:
        answer = await original(shortcut, asked)
        # Without an answer nothing was done; in a session somebody further out commits.
        if answer is not None and asked.session is None:
            _die(orders, "api after its commit")
        return answer

    setattr(holder, name, act)


def _wrap_publishing(orders: Orders) -> None:
    holder, name, original = PUBLISH.find()

    @functools.wraps(original)
    async def publish(publisher: Any, topic: str, rows: Sequence[Any]) -> Any:
        lost = next((row for row in rows if _may_be_lost(row)), None) if orders.due(DROPS) else None
        if lost is None:
            return await original(publisher, topic, rows)
        result = await original(publisher, topic, [row for row in rows if row is not lost])
        said = json.loads(lost["envelope"])
        orders.tell(point=DROPS, root=said["partitionkey"], sequence=int(said["sequence"]))
        return result

    setattr(holder, name, publish)


def _may_be_lost(row: Any) -> bool:
    """An opportunity's opening or step: its root goes on, so that somebody can notice."""
    said = json.loads(row["envelope"])
    return str(said["type"]) in (
        "opportunities.opportunity.opened.v1",
        "opportunities.opportunity.stage_changed.v1",
    )
