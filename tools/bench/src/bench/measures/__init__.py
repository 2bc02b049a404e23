"""What is measured: each module has one `measure`, which returns its rows of the table."""

from collections.abc import Awaitable, Callable, Mapping

from bench.ground import Bench
from bench.measures import (
    batches,
    freshness,
    growth,
    idle,
    projector,
    reads,
    rebuild,
    relay,
    relay_backlog,
    relay_held,
    requests,
)
from bench.table import Row

type Measure = Callable[[Bench], Awaitable[list[Row]]]

MEASURES: Mapping[str, Measure] = {
    "idle": idle.measure,
    "freshness": freshness.measure,
    "projector": projector.measure,
    "relay": relay.measure,
    "relay_held": relay_held.measure,
    "relay_backlog": relay_backlog.measure,
    "rebuild": rebuild.measure,
    "requests": requests.measure,
    "batches": batches.measure,
    "reads": reads.measure,
    "growth": growth.measure,
}
