"""Let reactions hear events without Kafka, by the code that runs them in production."""

from collections.abc import Iterable

from contracts import Received
from messaging import MessagingSettings, ReactionConsumer, Reactions
from messaging.absorbing import Absorber, Load
from messaging.books import Books
from messaging.reaction_consumer import Database
from messaging.tables import SCHEMA
from testkit.projecting import arrivals


async def react(
    reactions: Reactions, database: Database, settings: MessagingSettings, events: Iterable[Received]
) -> None:
    """Reacts to the events as one batch, books and all: what was heard before is passed over, what cannot be
    applied is parked.
    """
    consumer = ReactionConsumer(reactions, database, settings)
    heard = [each for each in arrivals(events) if each.topic in reactions.topics]
    await Absorber(Books(reactions.group, SCHEMA), consumer).absorb(Load({}, heard))
