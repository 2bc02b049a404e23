"""Consistency tokens: what a write answers, and what a report is given that is to have heard the write.

A token names facts, `<root>@<number>`, with commas between. A write of many facts names the last of each partition:
those before it in the partition are heard before it. (A root that is parked is not heard, which the report says.)
"""

from collections.abc import Iterable

from messaging.topics import PARTITIONS, partition_of

LONGEST_NUMBER = 18
"""Digits: what fits into a bigint."""


class NotAToken(ValueError):
    """Not a consistency token: `<root>@<number>` is expected, or several of them with commas between."""


def together(tokens: Iterable[str | None]) -> str | None:
    """One token for the facts of one transaction, given theirs in the order of recording; None where there are none."""
    last: dict[int, str] = {}
    for token in tokens:
        if token is not None:
            last[partition_of(token.rpartition("@")[0])] = token
    return ",".join(last.values()) or None


def named(token: str) -> list[tuple[str, int]]:
    """The facts that a token names: root and number. Raises `NotAToken`."""
    facts = [(root, number) for root, _, number in (each.rpartition("@") for each in token.split(","))]
    if len(facts) > PARTITIONS or not all(_is_fact(*fact) for fact in facts):
        raise NotAToken(token)
    return [(root, int(number)) for root, number in facts]


def _is_fact(root: str, number: str) -> bool:
    return bool(root) and number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
