"""What can be asked of objections."""

from uuid import UUID

from pydantic import Field

from contracts.fields import ReasonCode
from runtime.requests import Text, Verb


class RaiseObjection(Verb):
    """The customer holds something against the offer; to be answered within 24 h (S81)."""

    objection_code: ReasonCode = Field(description="what it is about", examples=["price"])
    text: Text | None = None


class AnswerObjection(Verb):
    """Our answer to it."""

    text: Text | None = None


class AnswerObjectionOf(AnswerObjection):
    """An answer that names its objection: in a batch the address does not."""

    objection_id: UUID
