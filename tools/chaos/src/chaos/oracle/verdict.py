"""The oracle's verdict on a run that has settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.load.record import Request
from chaos.oracle.answers import check_answers
from chaos.oracle.ledgers import read_ledgers
from chaos.oracle.parked import check_parked
from chaos.oracle.projections import check_projections
from chaos.oracle.topics import check_topics, read_topics
from chaos.rig import Rig
from chaos.stage import Planted


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was looked at, and what does not hold."""

    facts: int
    records: int
    violations: Sequence[str]


async def examine(
    rig: Rig, requests: Sequence[Request], before: Mapping[str, int], planted: Planted
) -> Verdict:
    """Looks at everything. `before` holds each ledger's last id before the load."""
    rows = await read_ledgers(rig)
    records = await read_topics(rig.kafka.bootstrap, rig.staff.services)
    asked = [row for row in rows if row.root not in planted.stated]
    topics = check_topics(records, rows, dropped=planted.dropped, unreadable=len(planted.poisoned))
    violations = [
        *(f"answers: {each}" for each in check_answers(requests, asked, before)),
        *(f"topics: {each}" for each in topics),
        *[f"projections: {each}" async for each in check_projections(rig, rows, planted.stated)],
        *[f"parked: {each}" async for each in check_parked(rig, planted.poisoned)],
    ]
    return Verdict(len(rows), len(records), violations)
