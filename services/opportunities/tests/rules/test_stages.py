"""The way through the stages."""

from decimal import Decimal

import pytest

from opportunities.pipeline.rules import State, change_stage, define_pipeline
from opportunities.pipeline.rules.refusals import (
    FieldNotRequirable,
    FieldsMissing,
    OpportunityClosed,
    OpportunityIsVoided,
    StageSkipped,
    StageSteppedBack,
    StageTwice,
    StageUnchanged,
    UnknownStage,
)

from .deals import opportunity, pipeline, stage


@pytest.mark.capability("S74", "S75")
def test_an_opportunity_moves_to_the_next_stage() -> None:
    moved = change_stage(opportunity("intent"), pipeline(), "proposal")
    assert (moved.previous_stage, moved.stage, moved.step_back) == ("intent", "proposal", False)
    assert moved.amount == Decimal(1200)
    assert moved.reason_code is None
    assert not moved.imported


@pytest.mark.capability("S76")
def test_a_skip_is_refused_and_the_refusal_says_what_is_allowed() -> None:
    with pytest.raises(StageSkipped) as refused:
        change_stage(opportunity("prospect"), pipeline(), "contract")
    assert "the next allowed stage is intent; contract would skip intent, proposal" in str(refused.value)
    assert "下一个允许的阶段是 intent" in refused.value.detail("zh-CN")
    assert refused.value.pointer == "/stage"


@pytest.mark.capability("S76")
def test_a_step_back_is_refused_and_the_refusal_says_what_is_allowed() -> None:
    with pytest.raises(StageSteppedBack) as refused:
        change_stage(opportunity("proposal"), pipeline(), "intent")
    assert "intent lies before proposal; from proposal the next allowed is contract" in str(refused.value)


@pytest.mark.capability("S76")
@pytest.mark.parametrize(("origin", "target"), [("prospect", "contract"), ("contract", "prospect")])
def test_a_warrant_allows_a_skip_or_a_step_back_and_stands_in_the_fact(origin: str, target: str) -> None:
    moved = change_stage(opportunity(origin), pipeline(), target, warrant="customer_signed_early")
    assert moved.reason_code == "customer_signed_early"
    assert moved.step_back == (target == "prospect")


def test_a_warrant_that_was_not_needed_is_not_in_the_fact() -> None:
    assert change_stage(opportunity("prospect"), pipeline(), "intent", warrant="why_not").reason_code is None


def test_a_pipeline_may_allow_skips_but_not_steps_back() -> None:
    lenient = pipeline(allows_skip=True)
    assert change_stage(opportunity("prospect"), lenient, "contract").reason_code is None
    with pytest.raises(StageSteppedBack):
        change_stage(opportunity("contract"), lenient, "prospect")


def test_a_pipeline_may_allow_steps_back_but_not_skips() -> None:
    lenient = pipeline(allows_step_back=True)
    assert change_stage(opportunity("contract"), lenient, "prospect").step_back
    with pytest.raises(StageSkipped):
        change_stage(opportunity("prospect"), lenient, "contract")


@pytest.mark.capability("S75")
def test_a_stage_is_entered_only_with_the_fields_that_it_requires() -> None:
    with pytest.raises(FieldsMissing) as refused:
        change_stage(opportunity("intent", amount=None), pipeline(), "proposal")
    assert str(refused.value) == "To enter proposal, set first: amount."


def test_a_warrant_does_not_replace_required_fields() -> None:
    with pytest.raises(FieldsMissing):
        change_stage(opportunity("prospect", amount=None), pipeline(), "proposal", warrant="hurry")


def test_imported_history_enters_stages_without_the_fields() -> None:
    moved = change_stage(opportunity("intent", amount=None), pipeline(), "proposal", imported=True)
    assert moved.imported


def test_a_stage_that_the_pipeline_does_not_have_is_refused_with_the_ones_that_it_has() -> None:
    with pytest.raises(UnknownStage, match="its stages are prospect, intent, proposal, contract"):
        change_stage(opportunity(), pipeline(), "negotiation")


def test_the_stage_that_it_stands_in_is_no_move() -> None:
    with pytest.raises(StageUnchanged):
        change_stage(opportunity("intent"), pipeline(), "intent")


@pytest.mark.parametrize("state", [State.won, State.lost])
def test_a_closed_opportunity_moves_no_more(state: State) -> None:
    with pytest.raises(OpportunityClosed, match=f"It is {state}"):
        change_stage(opportunity("intent", state), pipeline(), "proposal")


def test_a_voided_opportunity_moves_no_more() -> None:
    with pytest.raises(OpportunityIsVoided):
        change_stage(opportunity("intent", State.voided), pipeline(), "proposal")


@pytest.mark.capability("S75")
def test_a_pipeline_version_is_defined_from_its_stages() -> None:
    stages = [stage("first"), stage("second", "amount", "customer_id")]
    defined = define_pipeline("partner", 3, name_en="Partners", name_zh="渠道", stages=stages)
    assert (defined.pipeline, defined.pipeline_version) == ("partner", 3)
    assert defined.stages == stages


def test_a_stage_stands_in_a_pipeline_once() -> None:
    with pytest.raises(StageTwice) as refused:
        define_pipeline("partner", 1, name_en="P", name_zh="渠", stages=[stage("a"), stage("b"), stage("a")])
    assert refused.value.pointer == "/stages/2/code"


def test_a_stage_can_only_require_fields_that_an_opportunity_has() -> None:
    with pytest.raises(FieldNotRequirable, match="allowed are customer_id, product_line") as refused:
        define_pipeline("partner", 1, name_en="P", name_zh="渠", stages=[stage("a", "amount", "mood")])
    assert refused.value.pointer == "/stages/0/required_fields/1"
