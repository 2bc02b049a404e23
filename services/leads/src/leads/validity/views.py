"""What is answered about the definition of a valid lead."""

from datetime import date, datetime

from pydantic import Field

from contracts.leads import Requirement
from runtime import View


class ValidityView(View):
    """A version of what a valid lead is."""

    validity_version: int
    requirements: list[Requirement] = Field(description="all must hold")
    invalid_reasons: list[str] = Field(description="the reasons of discarding that make a lead invalid")
    effective_on: date = Field(description="it judges leads captured from this day on")
    defined_at: datetime
