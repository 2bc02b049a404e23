"""What a service does when it hears a fact: one typed function per event type, and the list of them."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession

from contracts import Event, Received

type Reaction[E: Event] = Callable[[AsyncSession, E, Received], Awaitable[None]]


class HeardTwice(TypeError):
    """Two reactions of one group claim the same event; which of them runs first would be a matter of luck."""


class Reactions:
    """The reactions of one consumer group.

    >>> reactions = Reactions("archive")
    >>> @reactions.on(PersonLeft)
    ... async def close_files(session: AsyncSession, event: PersonLeft, received: Received) -> None: ...
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self._by_type: dict[str, tuple[type[Event], Reaction[Event]]] = {}

    def on[E: Event](self, heard: type[E]) -> Callable[[Reaction[E]], Reaction[E]]:
        """Registers the function as the group's reaction to an event. Raises `HeardTwice`, at import."""

        def register(reaction: Reaction[E]) -> Reaction[E]:
            self._add(heard, reaction)  # type: ignore[arg-type]  # called with events of its type alone
            return reaction

        return register

    def include(self, other: "Reactions") -> None:
        """Takes over another list, such as a library's. Raises `HeardTwice`."""
        for heard, reaction in other._by_type.values():
            self._add(heard, reaction)

    @property
    def topics(self) -> frozenset[str]:
        """The topics of the events that have a reaction."""
        return frozenset(heard.topic for heard, _ in self._by_type.values())

    @property
    def hears(self) -> frozenset[type[Event]]:
        """The events that have a reaction."""
        return frozenset(heard for heard, _ in self._by_type.values())

    @property
    def by_type(self) -> Mapping[str, Reaction[Event]]:
        """The reaction of each event type, by the type's string."""
        return MappingProxyType({type_: reaction for type_, (_, reaction) in self._by_type.items()})

    def _add(self, heard: type[Event], reaction: Reaction[Event]) -> None:
        if heard.type in self._by_type:
            raise HeardTwice(f"{heard.type} has a reaction in group {self.group} already")
        self._by_type[heard.type] = heard, reaction
