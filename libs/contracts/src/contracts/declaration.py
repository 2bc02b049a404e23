"""How an event type is declared: once, with its type, its root and what it means."""

import re
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

TYPE_PATTERN = re.compile(
    r"(?P<service>[a-z]+)\.(?P<noun>[a-z_]+)\.(?P<fact>[a-z_]+)\.v(?P<version>[1-9][0-9]*)"
)

REGISTRY: dict[str, type["Event"]] = {}
"""Every event type that was imported, by its type string."""


class Event(BaseModel):
    """A fact that a service states. Closed for its writer: an unknown field is an error, not a guess."""

    # A process knows every type and meets a few: each is built when it is first met.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: ClassVar[str]
    service: ClassVar[str]
    topic: ClassVar[str]
    root_field: ClassVar[str]
    subject_field: ClassVar[str]
    version: ClassVar[int]
    en: ClassVar[str]
    zh: ClassVar[str]


class UnknownEventType(LookupError):
    """An event of a type that this program does not declare."""


def event[E: Event](
    type: str, *, root: str, en: str, zh: str, subject: str | None = None
) -> Callable[[type[E]], type[E]]:
    """Declares an event type `service.noun.fact.vN`.

    `root` names the field whose value is locked and numbered; `subject` the field that names the thing
    spoken of (the root unless given). A type declared twice or a field that does not exist fails at import.
    """
    parts = TYPE_PATTERN.fullmatch(type)
    if parts is None:
        raise TypeError(f"{type!r} is no event type: service.noun.fact.vN is expected")

    def declare(cls: Any) -> Any:
        for field in filter(None, (root, subject)):
            if field not in cls.model_fields:
                raise TypeError(f"{type}: {field!r} is no field of {cls.__name__}")
        if type in REGISTRY:
            raise TypeError(f"{type} is declared twice: {REGISTRY[type].__qualname__} and {cls.__qualname__}")
        cls.type, cls.version = type, int(parts["version"])
        cls.service, cls.topic = parts["service"], topic_of(parts["service"])
        cls.root_field, cls.subject_field = root, subject or root
        cls.en, cls.zh = en, zh
        REGISTRY[type] = cls
        return cls

    return declare


def topic_of(service: str) -> str:
    """The Kafka topic of a service's events. Hyphens, no dots: Kafka's metrics confuse dots and underscores."""
    return f"attain-{service}"


def root_of(event: Event) -> str:
    """The root's id as it stands in `partitionkey`: a UUID plain, any other key with its field before it.

    Codes need the prefix, or a metric and a period of the same code would share one numbering.
    """
    return _key(event.root_field, getattr(event, event.root_field))


def subject_of(event: Event) -> str:
    """The thing that the event speaks of, written like a root."""
    return _key(event.subject_field, getattr(event, event.subject_field))


def event_class(type: str) -> type[Event]:
    """The declared class of a type string; raises `UnknownEventType`."""
    try:
        return REGISTRY[type]
    except KeyError:
        raise UnknownEventType(type) from None


def _key(field: str, value: object) -> str:
    return str(value) if isinstance(value, UUID) else f"{field}:{value}"
