"""How a fact travels: ledger, relay, Kafka, consumer, reactions and projections. Nothing else touches Kafka."""

from messaging.arrivals import Arrival
from messaging.dropping import Loss, drop_parked, loss
from messaging.feed import FeedPage, FeedPosition, FeedWindow, PositionGone, feed_end, follow_feed, read_feed
from messaging.identity import uuid7
from messaging.keyed import KeyedRoot, rows_by_key
from messaging.ledger import INSERT_ONE, Entry, Fact, Root, announce, history, numbered, record, stated
from messaging.projections import Batch, Projection
from messaging.projector import ProjectionOutdated, Projector
from messaging.proof import Belongs, Difference, ProjectionSwapped, Prover
from messaging.reaction_consumer import ReactionConsumer
from messaging.reactions import Reactions
from messaging.reading import read_stretches, read_topic
from messaging.rebuild import (
    Progress,
    RebuildFailed,
    RebuildUnderWay,
    Rebuilt,
    ensure_current,
    rebuild,
)
from messaging.relay import Relay
from messaging.replaced import drop_replaced, replaced_at
from messaging.replay import republish
from messaging.settings import MessagingSettings
from messaging.status import (
    ParkedEvent,
    ParkedRoot,
    backlog,
    consumer_schemas,
    lag,
    parked_roots,
    reread,
    retry_parked,
    show_parked,
    unread,
)
from messaging.tables import add_heard_at, add_repairs, add_source, create_tables, metadata
from messaging.tokens import NotAToken, together
from messaging.topics import Place, ensure_topics, make_anew
from messaging.waiting import Freshness, applied, freshness, freshness_query, heard_until

__all__ = [
    "INSERT_ONE",
    "Arrival",
    "Batch",
    "Belongs",
    "Difference",
    "Entry",
    "Fact",
    "FeedPage",
    "FeedPosition",
    "FeedWindow",
    "Freshness",
    "KeyedRoot",
    "Loss",
    "MessagingSettings",
    "NotAToken",
    "ParkedEvent",
    "ParkedRoot",
    "Place",
    "PositionGone",
    "Progress",
    "Projection",
    "ProjectionOutdated",
    "ProjectionSwapped",
    "Projector",
    "Prover",
    "ReactionConsumer",
    "Reactions",
    "RebuildFailed",
    "RebuildUnderWay",
    "Rebuilt",
    "Relay",
    "Root",
    "add_heard_at",
    "add_repairs",
    "add_source",
    "announce",
    "applied",
    "backlog",
    "consumer_schemas",
    "create_tables",
    "drop_parked",
    "drop_replaced",
    "ensure_current",
    "ensure_topics",
    "feed_end",
    "follow_feed",
    "freshness",
    "freshness_query",
    "heard_until",
    "history",
    "lag",
    "loss",
    "make_anew",
    "metadata",
    "numbered",
    "parked_roots",
    "read_feed",
    "read_stretches",
    "read_topic",
    "rebuild",
    "record",
    "replaced_at",
    "republish",
    "reread",
    "retry_parked",
    "rows_by_key",
    "show_parked",
    "stated",
    "together",
    "unread",
    "uuid7",
]
