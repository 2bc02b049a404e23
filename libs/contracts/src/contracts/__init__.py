"""What Attain says: every event type, declared once, and the envelope that carries it."""

from contracts.declaration import REGISTRY, Event, UnknownEventType, event, event_class, root_of, topic_of
from contracts.envelope import Received, open_envelope, seal
from contracts.money import Money
from contracts.refusal import Refusal
from contracts.roles import Role

__all__ = [
    "REGISTRY",
    "Event",
    "Money",
    "Received",
    "Refusal",
    "Role",
    "UnknownEventType",
    "event",
    "event_class",
    "open_envelope",
    "registry",
    "root_of",
    "seal",
    "topic_of",
]


def registry() -> dict[str, type[Event]]:
    """Every event type of the product by its type string, with all declaring modules imported."""
    import contracts.alerts
    import contracts.leads
    import contracts.opportunities
    import contracts.reporting
    import contracts.targets  # noqa: F401

    return REGISTRY
