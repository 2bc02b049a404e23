"""How a rule is asked for."""

from pydantic import Field

from contracts.alerts import EscalationStep, ReadingRule, Recipient, ResponseStep, TimerRule
from runtime.requests import Request


class DefineRule(Request):
    """A rule, or its next version."""

    name_en: str = Field(min_length=1, max_length=200)
    name_zh: str = Field(min_length=1, max_length=200)
    active: bool = True
    definition: TimerRule | ReadingRule = Field(
        discriminator="kind",
        examples=[
            {
                "kind": "reading",
                "metrics": ["sales_amount"],
                "compared": "attainment",
                "direction": "higher_is_better",
                "alert": "0.7",
                "periods": 2,
            }
        ],
    )
    recipient: Recipient
    escalation: list[EscalationStep] = Field(default_factory=list, max_length=20)
    steps: list[ResponseStep] = Field(default_factory=list, max_length=20)
