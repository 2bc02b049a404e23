"""The rows of rules and their versions."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from alerts.rows import RootRow, Row
from contracts.alerts import RuleDefined
from runtime.columns import INSTANT, JSON, TEXT


class Rule(RootRow, table=True):
    """A rule by its code, with the version in force."""

    code: str = Field(primary_key=True, sa_type=TEXT)
    rule_version: int = 0
    kind: str = Field(sa_type=TEXT)
    active: bool

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"rule:{self.code}"


class RuleVersion(Row, table=True):
    """One version of a rule, never changed: incidents stay under the one that raised them."""

    __tablename__ = "rule_version"

    rule: str = Field(primary_key=True, sa_type=TEXT, foreign_key="rule.code")
    version: int = Field(primary_key=True)
    definition: dict[str, Any] = Field(sa_type=JSON)
    defined_at: datetime = Field(sa_type=INSTANT)

    def defined(self) -> RuleDefined:
        """The version as it is computed with."""
        return RuleDefined.model_validate(self.definition)
