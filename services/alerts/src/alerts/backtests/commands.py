"""What can be asked of a backtest."""

from typing import Annotated

from pydantic import Field, model_validator

from contracts.alerts import Clock, Recipient
from contracts.fields import Code, Number
from contracts.targets import Condition
from runtime import broken_rule
from runtime.requests import Moment, Request

MOST_FIRINGS = 1_000


class Change(Request):
    """Other settings of the rule, of the kind that it has. What is not named stays."""

    after_seconds: int | None = Field(None, ge=1, description="of a timer rule")
    clock: Clock | None = Field(None, description="of a timer rule")
    conditions: list[Condition] | None = Field(None, description="of a timer rule")
    alert: Number | None = Field(None, description="of a reading rule", examples=["0.65"])
    periods: int | None = Field(None, ge=1, le=52, description="of a reading rule")
    metrics: list[Code] | None = Field(None, description="of a reading rule")
    recipient: Recipient | None = Field(None, description="of any rule")


class Backtest(Request):
    """A time, and what to try out."""

    from_: Moment = Field(alias="from")
    to: Annotated[Moment, Field(description="before this; what lies after now is not looked at")]
    change: Change | None = Field(None, description="try the rule with these settings instead")
    compare: bool = Field(False, description="run it as it stands as well, beside the changed one")
    imported: bool = Field(
        False, description="take history from imports as if it had happened here; rules do not otherwise"
    )
    limit: int = Field(200, ge=0, le=MOST_FIRINGS, description="firings that are listed; all are counted")

    @model_validator(mode="after")
    def _something_to_compare(self) -> "Backtest":
        if self.compare and self.change is None:
            raise broken_rule(
                "nothing_to_compare",
                en="compare needs a change beside the rule as it stands",
                zh="compare 需要同时提供 change",
            )
        return self
