"""The part of a history that tells metrics and targets."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts import targets as said
from contracts.opportunities import Deal, OpportunityWon, ReceiptRecorded
from testkit.history.ledger import Ledger
from testkit.history.moments import Figure, Moment


class Plans(Ledger):
    """Metrics, targets and their revisions."""

    def metric(
        self,
        code: str,
        definition: said.CountOrSum | said.Ratio,
        *,
        version: int = 1,
        direction: str = "higher_is_better",
        core: bool = False,
    ) -> str:
        """A version of a metric; returns its code."""
        self.say(
            said.MetricDefined(
                metric=code,
                metric_version=version,
                name_en=code,
                name_zh=code,
                direction=said.Direction(direction),
                core=core,
                definition=definition,
            )
        )
        return code

    def sales_amount(self, *dimensions: str, core: bool = False) -> str:
        """The metric `sales_amount`: the amounts of wins, by owner and the dimensions."""
        return self.metric(
            "sales_amount",
            said.CountOrSum(
                kind="sum",
                event_type=OpportunityWon.type,
                value_field="amount",
                currency_field="currency",
                credited_field="owner_id",
                dimensions=list(dimensions),
            ),
            core=core,
        )

    def collected_amount(self) -> str:
        """The metric `collected_amount`: the money received, by owner."""
        return self.metric(
            "collected_amount",
            said.CountOrSum(
                kind="sum",
                event_type=ReceiptRecorded.type,
                value_field="received_amount",
                currency_field="received_currency",
                credited_field="owner_id",
            ),
        )

    def counting(self, code: str, event: type[Deal], *dimensions: str) -> str:
        """A metric that counts the events of a type, by owner and the dimensions."""
        return self.metric(
            code,
            said.CountOrSum(
                kind="count", event_type=event.type, credited_field="owner_id", dimensions=list(dimensions)
            ),
        )

    def target(
        self,
        metric: str,
        period: str,
        base: Figure,
        *,
        challenge: Figure | None = None,
        unit: UUID | None = None,
        person: UUID | None = None,
        dimensions: Mapping[str, str] | None = None,
        weight: Figure = 1,
        parent: UUID | None = None,
    ) -> UUID:
        """A target of the unit or of the person; returns its id."""
        target_id, subject = self.new_id("target"), unit or person
        assert subject is not None, "a target needs a unit or a person"
        kind = said.SubjectKind.unit if unit else said.SubjectKind.person
        self.say(
            said.TargetPublished(
                target_id=target_id,
                metric=metric,
                subject_kind=kind,
                subject_id=subject,
                period=period,
                dimensions=dict(dimensions or {}),
                base=Decimal(base),
                challenge=None if challenge is None else Decimal(challenge),
                weight=Decimal(weight),
                parent_id=parent,
                owner_id=person,
            )
        )
        return target_id

    def revise(self, target: UUID, base: Figure, on: date, challenge: Figure | None = None) -> None:
        self.say(
            said.TargetRevised(
                target_id=target,
                base=Decimal(base),
                challenge=None if challenge is None else Decimal(challenge),
                reason_code="market_change",
                approver_id="operations",
                effective_on=on,
            )
        )

    def withdraw(self, target: UUID, at: Moment | None = None) -> None:
        self.say(said.TargetWithdrawn(target_id=target, reason_code="reorganisation"), at)
