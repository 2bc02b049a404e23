"""Defining a version of a pipeline."""

from collections.abc import Sequence

from contracts.opportunities import PipelineDefined, Stage
from opportunities.pipeline.rules.refusals import FieldNotRequirable, StageTwice

REQUIRABLE_FIELDS = ("customer_id", "product_line", "channel", "amount", "expected_close_on")
"""The fields of an opportunity that may be unknown, and that a stage can therefore require."""


def define_pipeline(
    pipeline: str,
    version: int,
    *,
    name_en: str,
    name_zh: str,
    stages: Sequence[Stage],
    allows_skip: bool = False,
    allows_step_back: bool = False,
) -> PipelineDefined:
    """A version from now on; opportunities that are open keep the version that they were opened under."""
    seen: set[str] = set()
    for index, stage in enumerate(stages):
        if stage.code in seen:
            raise StageTwice(pointer=f"/stages/{index}/code", asked=stage.code)
        seen.add(stage.code)
        for place, field in enumerate(stage.required_fields):
            if field not in REQUIRABLE_FIELDS:
                raise FieldNotRequirable(
                    pointer=f"/stages/{index}/required_fields/{place}",
                    asked=field,
                    allowed=", ".join(REQUIRABLE_FIELDS),
                )
    return PipelineDefined(
        pipeline=pipeline,
        pipeline_version=version,
        name_en=name_en,
        name_zh=name_zh,
        stages=list(stages),
        allows_skip=allows_skip,
        allows_step_back=allows_step_back,
    )
