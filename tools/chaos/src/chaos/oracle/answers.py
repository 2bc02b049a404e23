"""Every 2xx is in the ledger, and every row of the ledger belongs to a 2xx or to a request of unknown outcome. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from chaos.load.record import Outcome, Request
from chaos.oracle.ledgers import Row

CONSEQUENCES = {
    "leads.lead.converted.v1": "opportunities.opportunity.opened.v1",
    "opportunities.opportunity.won.v1": "leads.lead.outcome_learnt.v1",
    "opportunities.opportunity.lost.v1": "leads.lead.outcome_learnt.v1",
    "opportunities.opportunity.reopened.v1": "leads.lead.outcome_learnt.v1",
    "opportunities.opportunity.voided.v1": "leads.lead.outcome_learnt.v1",
}
"""What another service says when it hears a fact; it carries the same trace."""

ASKED = ("opportunities", "leads", "targets")
"""The services that say nothing unless they are asked or hear something."""


def check_answers(
    requests: Sequence[Request], rows: Iterable[Row], before: Mapping[str, int]
) -> Iterator[str]:
    """What contradicts the clients' log; `before` holds each ledger's last id before the load."""
    by_trace: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        if row.service in ASKED and row.id > before.get(row.service, 0):
            by_trace[row.trace].append(row)
    for request in requests:
        yield from _check(request, by_trace.pop(request.trace, []))
    for trace, left in by_trace.items():
        for row in left:
            yield f"nobody asked for {_name(row)} (trace {trace})"


def _check(request: Request, rows: Sequence[Row]) -> Iterator[str]:
    asked = f"{request.path} (trace {request.trace}, {request.outcome.value}, {request.attempts[-3:]})"
    made = [row for row in rows if row.type == request.makes and row.service == request.service]
    consequence = CONSEQUENCES.get(request.makes)
    followed = [row for row in rows if row.type == consequence and row.service != request.service]
    for row in rows:
        if row not in made and row not in followed:
            yield f"{asked} made {_name(row)}, which it should not"
    match request.outcome:
        case Outcome.done if not made:
            yield f"{asked} is not in the ledger"
        case Outcome.done if request.token and request.token != f"{made[0].root}@{made[0].sequence}":
            yield f"{asked} was answered {request.token} and is {_name(made[0])}"
        case Outcome.refused if made:
            yield f"{asked} made {_name(made[0])} although it was refused"
    if len(made) > 1:
        yield f"{asked} is {len(made)} times in the ledger: {', '.join(map(_name, made))}"
    if len(followed) > 1:
        yield f"{asked} was reacted to {len(followed)} times: {', '.join(map(_name, followed))}"
    if made and not followed and request.makes == "leads.lead.converted.v1":
        yield f"{asked} was not reacted to: no {consequence}"


def _name(row: Row) -> str:
    return f"{row.type} {row.root}@{row.sequence}"
