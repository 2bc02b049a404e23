"""The rows of the rules of assignment and of the pool, and of the turns that they keep."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from contracts.leads import AssignmentRuleDefined, PoolRuleDefined
from leads.rows import RootRow, Row
from runtime.columns import INSTANT, JSON, TEXT


class AssignmentRule(RootRow, table=True):
    """A rule of assignment in its current version; its locked row keeps the turn: who got the last lead."""

    __tablename__ = "assignment_rule"

    code: str = Field(primary_key=True, sa_type=TEXT)
    current_version: int = 0
    definition: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    defined_at: datetime | None = Field(default=None, sa_type=INSTANT)
    last_person_id: UUID | None = None

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"assignment_rule:{self.code}"

    def defined(self) -> AssignmentRuleDefined:
        """The current version as the rules read it."""
        return AssignmentRuleDefined.model_validate(self.definition)


class PoolRule(RootRow, table=True):
    """A rule of release to the pool in its current version."""

    __tablename__ = "pool_rule"

    code: str = Field(primary_key=True, sa_type=TEXT)
    current_version: int = 0
    definition: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    defined_at: datetime | None = Field(default=None, sa_type=INSTANT)

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"pool_rule:{self.code}"

    def defined(self) -> PoolRuleDefined:
        """The current version as the rules read it."""
        return PoolRuleDefined.model_validate(self.definition)


class Taken(Row, table=True):
    """How many leads the rules gave to a person on a business day."""

    __tablename__ = "assignment_taken"

    person_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    count: int
