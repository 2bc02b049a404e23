"""How a version of the definition is asked for."""

from pydantic import Field

from contracts.dates import RequestDay
from contracts.fields import ReasonCode
from contracts.leads import Requirement
from runtime.requests import Request


class DefineValidity(Request):
    """The next version of what a valid lead is; leads captured before its day keep their judgement."""

    requirements: list[Requirement] = Field(max_length=10, description="all must hold")
    invalid_reasons: list[ReasonCode] = Field(
        max_length=100, description="the reasons of discarding that make a lead invalid"
    )
    effective_on: RequestDay
