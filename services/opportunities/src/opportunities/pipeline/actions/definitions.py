"""Defining pipelines."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.opportunities import PipelineDefined
from messaging import record
from opportunities.pipeline import rules
from opportunities.pipeline.commands import DefinePipeline
from opportunities.pipeline.tables import Pipeline, PipelineVersion
from runtime.saving import take_turns


async def define_pipeline(session: AsyncSession, command: DefinePipeline, *, by: str) -> Pipeline:
    """Defines a pipeline's next version, or its first."""
    await take_turns(session, "pipeline", [command.code])
    pipeline = await session.scalar(
        select(Pipeline).where(col(Pipeline.code) == command.code).with_for_update()
    )
    if pipeline is None:
        pipeline = Pipeline(code=command.code)
        session.add(pipeline)
    defined = rules.define_pipeline(
        command.code,
        pipeline.current_version + 1,
        name_en=command.name_en,
        name_zh=command.name_zh,
        stages=command.stages,
        allows_skip=command.allows_skip,
        allows_step_back=command.allows_step_back,
    )
    record(session, pipeline, defined, by=by)
    pipeline.current_version = defined.pipeline_version
    await session.flush()  # the version refers to its pipeline
    session.add(_version(pipeline, defined))
    return pipeline


def _version(pipeline: Pipeline, defined: PipelineDefined) -> PipelineVersion:
    return PipelineVersion(
        pipeline=pipeline.code,
        version=defined.pipeline_version,
        definition=defined.model_dump(mode="json"),
        defined_at=pipeline.latest,
    )
