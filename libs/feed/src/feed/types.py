"""Which event types a reader asks for."""

from collections.abc import Sequence

from contracts import registry
from feed.refusals import EventTypeUnknown


def event_types(service: str, asked: Sequence[str]) -> list[str]:
    """The service's types that are named, or that begin so up to a dot: `leads.lead`, `leads.lead.captured`.

    Raises `EventTypeUnknown` for one that names none: a misspelt type would otherwise wait for ever.
    """
    stated = sorted(type for type, event in registry().items() if event.service == service)
    found: set[str] = set()
    for each in asked:
        named = [type for type in stated if f"{type}.".startswith(f"{each.removesuffix('.')}.")]
        if not named:
            raise EventTypeUnknown(asked=each, allowed=", ".join(stated))
        found.update(named)
    return sorted(found)
