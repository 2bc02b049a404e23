"""When a drift begins, lasts and is over. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.reporting import ProofCheck

type Kind = tuple[ProofCheck, str]
"""What a drift is of: a check and the table whose rows it found wanting."""

OF_ROWS = (ProofCheck.rows, ProofCheck.sums)
"""What a look at roots checks."""

FIRST = 10
"""Roots that the fact of a drift names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A root that does not agree; of the check against Kafka where its record lies, `topic/partition/offset`."""

    kind: Kind
    root: str
    detail: str = ""
    place: str | None = None


@dataclass(slots=True)
class Change:
    """What a look changes in a drift."""

    found: list[Finding] = field(default_factory=list)
    healed: list[str] = field(default_factory=list)


def changes(
    known: Mapping[Kind, Collection[str]], found: Sequence[Finding], looked_at: Collection[str]
) -> dict[Kind, Change]:
    """What is found anew or still, and which of the `known` roots that were looked at are not found any more."""
    made: dict[Kind, Change] = {}
    for each in found:
        made.setdefault(each.kind, Change()).found.append(each)
    for kind, roots in known.items():
        still = {each.root for each in found if each.kind == kind}
        if healed := [root for root in roots if root in looked_at and root not in still]:
            made.setdefault(kind, Change()).healed += healed
    return made
