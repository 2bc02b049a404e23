"""What a new database begins with."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from messaging import ensure_current
from opportunities.pipeline.actions import define_pipeline
from opportunities.pipeline.commands import DEFAULT_PIPELINE, DefinePipeline, DefineStage
from opportunities.pipeline.queries import list_pipelines
from opportunities.reactions import directory_projector
from opportunities.settings import OpportunitiesSettings

BY = "attain-setup"


def _stage(code: str, en: str, zh: str, probability: str, days: int, *required: str) -> DefineStage:
    return DefineStage(
        code=code,
        name_en=en,
        name_zh=zh,
        probability=Decimal(probability),
        expected_dwell_days=days,
        required_fields=list(required),
    )


DEFAULT = DefinePipeline(
    code=DEFAULT_PIPELINE,
    name_en="Default pipeline",
    name_zh="默认销售流程",
    stages=[
        _stage("prospect", "Prospect", "潜在客户", "0.1", 14),
        _stage("intent", "First intent", "初步意向", "0.3", 14),
        _stage("proposal", "Quotation / solution", "报价/方案", "0.6", 14, "amount"),
        _stage("contract", "Contract", "合同签署", "0.8", 7, "amount", "customer_id"),
    ],
)


async def set_up(session: AsyncSession, settings: OpportunitiesSettings) -> None:
    """Defines the default pipeline (S74) unless there is one, and makes the tables of the directory."""
    await ensure_current(directory_projector(settings))
    if not await list_pipelines(session, DEFAULT.code):
        await define_pipeline(session, DEFAULT, by=BY)
