"""A company's history: its organisation, calendar, metrics, targets, leads, customers and opportunities."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts import opportunities as said
from testkit.history.deals import DealHistory
from testkit.history.leads import LeadHistory, Sources
from testkit.history.moments import Figure, Moment
from testkit.history.organisation import Organisation
from testkit.history.plans import Plans

STAGES = {"prospect": "潜在客户", "intent": "初步意向", "proposal": "报价/方案", "contract": "合同签署"}
"""The default pipeline."""


class History(Organisation, Plans, Sources):
    """Tells events one by one; what is not named takes a plain default. `events` holds all that was told,
    `envelopes` the same as bytes."""

    def pipeline(
        self,
        stages: Mapping[str, str] = STAGES,
        *,
        code: str = "default",
        version: int = 1,
        allows_step_back: bool = False,
    ) -> str:
        """A version of a pipeline from stage codes with their Chinese names; returns its code."""
        count = len(stages)
        self.say(
            said.PipelineDefined(
                pipeline=code,
                pipeline_version=version,
                name_en=code,
                name_zh=code,
                stages=[
                    said.Stage(
                        code=stage,
                        name_en=stage.capitalize(),
                        name_zh=name,
                        probability=round(Decimal(position) / count, 2),
                        expected_dwell_days=14,
                    )
                    for position, (stage, name) in enumerate(stages.items())
                ],
                allows_skip=False,
                allows_step_back=allows_step_back,
            )
        )
        return code

    def customer(
        self,
        name: str,
        *,
        sector: str | None = None,
        country: str | None = None,
        parent: UUID | None = None,
        owner: UUID | None = None,
    ) -> UUID:
        customer_id = self.new_id("customer")
        self.say(
            said.CustomerOpened(
                customer_id=customer_id,
                name=name,
                sector=sector,
                country=country,
                parent_id=parent,
                owner_id=owner,
            )
        )
        return customer_id

    def deal(
        self,
        owner: UUID,
        *,
        at: Moment | None = None,
        amount: Figure | None = None,
        currency: str = "CNY",
        customer: UUID | None = None,
        product_line: str | None = None,
        channel: str | None = None,
        stage: str = "prospect",
        expected_close_on: date | None = None,
        imported: bool = False,
        lead: LeadHistory | None = None,
    ) -> DealHistory:
        """An opportunity, opened, that of a converted lead where one is given; go on from what is returned."""
        opened = said.OpportunityOpened(
            opportunity_id=lead.opportunity_id if lead else self.new_id("opportunity"),
            customer_id=customer,
            owner_id=owner,
            pipeline="default",
            pipeline_version=1,
            stage=stage,
            product_line=product_line,
            channel=channel,
            amount=None if amount is None else Decimal(amount),
            currency=currency,
            expected_close_on=expected_close_on,
            imported=imported,
            lead_id=lead.id if lead else None,
        )
        return DealHistory(self, opened, at)
