"""What the feed answers: the envelopes' own bytes, with the cursor to go on from."""

import json
from typing import Any

from pydantic import BaseModel, Field

from messaging import FeedPage


class FeedAnswer(BaseModel):
    """Facts of the service, each once, and those of a record in the order of their numbers."""

    events: list[dict[str, Any]] = Field(
        description="CloudEvents 1.0, byte by byte as on Kafka; may be empty while `at_end` is false"
    )
    next: str = Field(description="cursor to go on from, at the end too: keep it once the events are handled")
    at_end: bool = Field(
        description="whether nothing more was committed when this was read; else ask at once"
    )


def body(page: FeedPage, next_: str) -> bytes:
    """The answer as JSON, without reading what is in the envelopes."""
    rest = json.dumps({"next": next_, "at_end": page.at_end}, separators=(",", ":")).encode()
    return b'{"events":[' + b",".join(page.envelopes) + b"]," + rest[1:]
