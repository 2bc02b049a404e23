"""Pipelines and opportunities as rules see them, from as little as a test needs to say."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.opportunities import Deal, PipelineDefined, Stage
from opportunities.pipeline.rules import Standing, State, open_opportunity

OPPORTUNITY = UUID("0199d1a2-0000-7000-8000-0000000000a1")
WANG = UUID("0199d1a2-0000-7000-8000-0000000000b1")
LI = UUID("0199d1a2-0000-7000-8000-0000000000b2")
CUSTOMER = UUID("0199d1a2-0000-7000-8000-0000000000c1")
OPENING = UUID("0199d1a2-0000-7000-8000-0000000000e1")
CLOSING = UUID("0199d1a2-0000-7000-8000-0000000000e2")


def stage(code: str, *required: str) -> Stage:
    return Stage(
        code=code,
        name_en=code,
        name_zh=code,
        probability=Decimal("0.5"),
        expected_dwell_days=7,
        required_fields=list(required),
    )


def pipeline(**changes: Any) -> PipelineDefined:
    """Four stages; the third requires an amount."""
    standard: dict[str, Any] = {
        "pipeline": "default",
        "pipeline_version": 1,
        "name_en": "Default",
        "name_zh": "默认",
        "stages": [stage("prospect"), stage("intent"), stage("proposal", "amount"), stage("contract")],
        "allows_skip": False,
        "allows_step_back": False,
    }
    return PipelineDefined(**{**standard, **changes})


def opportunity(at: str = "prospect", state: State = State.open, **deal: Any) -> Standing:
    """Wang's opportunity at a stage."""
    standard: dict[str, Any] = {"owner_id": WANG, "currency": "CNY", "amount": Decimal(1200)}
    opened = open_opportunity(OPPORTUNITY, pipeline(), **{**standard, **deal})
    there = Deal.model_validate({**opened.model_dump(), "stage": at})
    closed = CLOSING if state in (State.won, State.lost) else None
    return replace(Standing(there, State.open, OPENING), state=state, closed_event_id=closed)
