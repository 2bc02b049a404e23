"""What can be recorded."""

from pydantic import Field

from runtime.requests import CurrencyCode, PositiveAmount, Verb


class RecordReceipt(Verb):
    """Money was received (回款); `occurred_at` is when."""

    amount: PositiveAmount
    currency: CurrencyCode | None = Field(None, description="the opportunity's unless given")
