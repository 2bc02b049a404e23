"""How a fact travels: ledger, relay, Kafka, consumer, reactions and projections. Nothing else touches Kafka."""

from messaging.identity import uuid7
from messaging.ledger import Fact, Root, history, record
from messaging.projections import Batch, Projection
from messaging.projector import ProjectionOutdated, Projector
from messaging.reaction_consumer import ReactionConsumer
from messaging.reactions import Reactions
from messaging.settings import MessagingSettings
from messaging.tables import create_tables, metadata
from messaging.topics import ensure_topics

__all__ = [
    "Batch",
    "Fact",
    "MessagingSettings",
    "Projection",
    "ProjectionOutdated",
    "Projector",
    "ReactionConsumer",
    "Reactions",
    "Root",
    "create_tables",
    "ensure_topics",
    "history",
    "metadata",
    "record",
    "uuid7",
]
