"""What is answered about rules."""

from datetime import datetime

from pydantic import Field

from contracts.alerts import EscalationStep, ReadingRule, Recipient, ResponseStep, TimerRule
from runtime import View


class RuleView(View):
    """A version of a rule."""

    code: str
    rule_version: int
    name_en: str
    name_zh: str
    active: bool
    definition: TimerRule | ReadingRule = Field(discriminator="kind")
    recipient: Recipient
    escalation: list[EscalationStep]
    steps: list[ResponseStep] = Field(description="the response flow, in order")
    defined_at: datetime
