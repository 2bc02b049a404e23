"""What can be asked of channels, campaigns and costs."""

from typing import Self

from pydantic import Field, model_validator

from contracts.dates import RequestDay
from contracts.fields import AddressCode, ReasonCode
from runtime import broken_rule
from runtime.requests import CurrencyCode, PositiveAmount, Request


class DefineChannel(Request):
    """A channel, new or renamed."""

    name_en: str = Field(min_length=1, max_length=200)
    name_zh: str = Field(min_length=1, max_length=200)
    active: bool = Field(True, description="new leads may name it")


class DefineCampaign(Request):
    """A campaign of a channel, new or changed."""

    channel: AddressCode
    name: str = Field(min_length=1, max_length=200)
    starts_on: RequestDay
    ends_on: RequestDay | None = Field(None, description="the first day after it")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise broken_rule(
                "ends_before_start",
                en="ends_on must be later than starts_on",
                zh="ends_on 必须晚于 starts_on",
            )
        return self


class RecordCost(Request):
    """Money spent on a channel over business days; a month's is spread evenly over its days."""

    campaign: AddressCode | None = None
    starts_on: RequestDay
    ends_on: RequestDay = Field(description="the first day after it")
    amount: PositiveAmount
    currency: CurrencyCode | None = Field(None, description="the reporting currency unless given")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise broken_rule(
                "ends_before_start",
                en="ends_on must be later than starts_on",
                zh="ends_on 必须晚于 starts_on",
            )
        return self


class VoidCost(Request):
    """Undoes a wrong cost."""

    reason_code: ReasonCode
