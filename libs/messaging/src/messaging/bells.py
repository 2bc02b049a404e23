"""Wakes the relay of this process when one of its transactions has committed facts."""

import asyncio
from collections import defaultdict
from weakref import WeakSet

_bells: dict[str, WeakSet[asyncio.Event]] = defaultdict(WeakSet)


def bell(topic: str) -> asyncio.Event:
    """An event that is set whenever this process commits a fact of the topic; the listener clears it."""
    heard = asyncio.Event()
    _bells[topic].add(heard)
    return heard


def ring(topic: str) -> None:
    """Says that facts of the topic were committed."""
    for heard in _bells[topic]:
        heard.set()
