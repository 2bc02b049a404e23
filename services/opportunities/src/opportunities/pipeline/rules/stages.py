"""The way through the stages: one at a time, forwards, with what each stage requires (S75, S76)."""

from contracts.opportunities import Deal, OpportunityStageChanged, PipelineDefined, Stage
from opportunities.pipeline.rules.refusals import (
    FieldsMissing,
    StageSkipped,
    StageSteppedBack,
    StageUnchanged,
    UnknownStage,
)
from opportunities.pipeline.rules.standing import Standing


def change_stage(
    opportunity: Standing,
    pipeline: PipelineDefined,
    stage: str,
    *,
    warrant: str | None = None,
    imported: bool = False,
) -> OpportunityStageChanged:
    """Moves to the next stage.

    A skip or a step back needs a pipeline that allows it, or a `warrant`: the reason code of somebody whose
    role may allow it. The warrant stands in the fact only where it was needed. History from an import
    (`imported`) need not fill the fields that a stage requires.
    """
    opportunity.require_open()
    origin, target = opportunity.deal.stage, position(pipeline, stage)
    step = target - position(pipeline, origin)
    if step == 0:
        raise StageUnchanged(pointer="/stage", current=origin)
    needs_warrant = (step > 1 and not pipeline.allows_skip) or (step < 0 and not pipeline.allows_step_back)
    if needs_warrant and warrant is None:
        _refuse_way(pipeline, origin, stage)
    if not imported:
        require_fields(opportunity.deal, pipeline.stages[target])
    return opportunity.fact(
        OpportunityStageChanged,
        stage=stage,
        previous_stage=origin,
        step_back=step < 0,
        reason_code=warrant if needs_warrant else None,
        imported=imported,
    )


def position(pipeline: PipelineDefined, stage: str, pointer: str = "/stage") -> int:
    """Where a stage stands in its pipeline, from 0; refuses a stage that the pipeline does not have."""
    codes = [each.code for each in pipeline.stages]
    if stage not in codes:
        raise UnknownStage(pointer=pointer, asked=stage, allowed=", ".join(codes))
    return codes.index(stage)


def next_stage(pipeline: PipelineDefined, stage: str) -> str | None:
    """The stage after this one; None from the last, which leads to won."""
    following = position(pipeline, stage) + 1
    return pipeline.stages[following].code if following < len(pipeline.stages) else None


def require_fields(deal: Deal, stage: Stage) -> None:
    """Refuses to enter a stage before the fields that it requires are known."""
    missing = [field for field in stage.required_fields if getattr(deal, field) is None]
    if missing:
        raise FieldsMissing(stage=stage.code, missing=", ".join(missing))


def _refuse_way(pipeline: PipelineDefined, origin: str, asked: str) -> None:
    codes = [each.code for each in pipeline.stages]
    start, end = codes.index(origin), codes.index(asked)
    allowed = next_stage(pipeline, origin) or "won"
    if end < start:
        raise StageSteppedBack(pointer="/stage", current=origin, asked=asked, allowed=allowed)
    skipped = ", ".join(codes[start + 1 : end])
    raise StageSkipped(pointer="/stage", current=origin, asked=asked, allowed=allowed, skipped=skipped)
