"""Money: a decimal with its currency beside it, never a float."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class DecimalText:
    """Describes a decimal as what it is on the wire: text of a pattern.

    JSON Schema bounds numbers only, so the bounds of the decimal stand beside the pattern as `x-gt`, `x-ge`,
    `x-lt`, `x-le`. Without them a tightened bound would be invisible to the compatibility check.
    """

    pattern: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        bounds = {f"x-{bound}": str(core[bound]) for bound in ("gt", "ge", "lt", "le") if bound in core}
        return {"type": "string", "pattern": self.pattern, **bounds}


Amount = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=2, examples=["1200.00"]),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json"),
    DecimalText(r"^-?[0-9]{1,16}\.[0-9]{2}$"),
]
"""An amount to the cent; on the wire a string with two decimals."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["CNY"], description="ISO 4217 code")]


class Money(BaseModel):
    """An amount and its currency, as every API shows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Amount
    currency: Currency
