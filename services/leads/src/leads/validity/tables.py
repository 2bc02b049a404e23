"""The rows of the definition of a valid lead."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field

from contracts.leads import ValidityDefined
from leads.rows import RootRow, Row
from runtime.columns import INSTANT, JSON, TEXT

VALID_LEAD = "valid_lead"


class Validity(RootRow, table=True):
    """The definition; there is one, and its versions."""

    code: str = Field(primary_key=True, sa_type=TEXT)
    current_version: int = 0

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"validity:{self.code}"


class ValidityVersion(Row, table=True):
    """One version, never changed: it judges the leads captured from its day on, until the next one's."""

    __tablename__ = "validity_version"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    effective_on: date
    definition: dict[str, Any] = Field(sa_type=JSON)
    defined_at: datetime = Field(sa_type=INSTANT)

    def defined(self) -> ValidityDefined:
        """The version as the rules read it."""
        return ValidityDefined.model_validate(self.definition)
