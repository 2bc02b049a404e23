"""Opening an opportunity."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.opportunities import OpportunityOpened, PipelineDefined
from opportunities.pipeline.rules.refusals import UnknownPipeline
from opportunities.pipeline.rules.stages import require_fields


def current_version(versions: Mapping[tuple[str, int], PipelineDefined], code: str) -> PipelineDefined:
    """The version that new opportunities are opened under: the latest of the pipeline."""
    mine = [version for (pipeline, _), version in versions.items() if pipeline == code]
    if not mine:
        raise UnknownPipeline(pointer="/pipeline", asked=code)
    return max(mine, key=lambda version: version.pipeline_version)


def open_opportunity(
    opportunity_id: UUID,
    pipeline: PipelineDefined,
    *,
    owner_id: UUID,
    currency: str,
    customer_id: UUID | None = None,
    product_line: str | None = None,
    channel: str | None = None,
    amount: Decimal | None = None,
    expected_close_on: date | None = None,
    imported: bool = False,
    lead_id: UUID | None = None,
) -> OpportunityOpened:
    """Opens in the first stage of the pipeline, under the version that is in force; it keeps that version.

    What was a lead, and what is imported, is opened with whatever was known of it.
    """
    first = pipeline.stages[0]
    opened = OpportunityOpened(
        opportunity_id=opportunity_id,
        customer_id=customer_id,
        owner_id=owner_id,
        pipeline=pipeline.pipeline,
        pipeline_version=pipeline.pipeline_version,
        stage=first.code,
        product_line=product_line,
        channel=channel,
        amount=amount,
        currency=currency,
        expected_close_on=expected_close_on,
        imported=imported,
        lead_id=lead_id,
    )
    if not imported and lead_id is None:
        require_fields(opened, first)
    return opened
