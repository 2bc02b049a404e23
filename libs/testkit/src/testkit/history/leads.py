"""A lead's history, and the sources that leads come from. Nothing is refused here."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts import Received
from contracts import leads as said
from contracts.opportunities import LossReason
from testkit.history.ledger import Ledger
from testkit.history.moments import BUSINESS_ZONE, Figure, Moment, moment


class LeadHistory:
    """Tells what happened to one lead, in order. `at` is a day after the last fact unless given."""

    def __init__(self, ledger: Ledger, captured: said.LeadCaptured, at: datetime) -> None:
        self._ledger = ledger
        self._lead = {field: getattr(captured, field) for field in said.Lead.model_fields}
        self._contacted = self._visited = False
        self.id, self.opportunity_id = captured.lead_id, ledger.new_id("opportunity of a lead")
        self.at = self.captured_at = at
        self.capture = self.last = ledger.say(captured, at)

    def changed(self, at: Moment | None = None, **change: Any) -> "LeadHistory":
        """It has another `company`, `channel`, `campaign`, `product_line` or `level`, or is judged otherwise."""
        return self._say(said.LeadChanged, at, change)

    def judged(self, intent: str, at: Moment | None = None) -> "LeadHistory":
        """Its intent was judged."""
        previous = self._lead["intent"]
        return self._say(
            said.LeadIntentChanged, at, {"intent": said.Intent(intent)}, previous_intent=previous
        )

    def assigned(self, owner: UUID, at: Moment | None = None, rule: str = "manual") -> "LeadHistory":
        """It was given to a person."""
        return self._say(
            said.LeadAssigned,
            at,
            {"owner_id": owner},
            previous_owner_id=self._lead["owner_id"],
            rule=rule,
            rule_version=None,
        )

    def released(self, at: Moment | None = None) -> "LeadHistory":
        """It went back to the pool."""
        return self._say(
            said.LeadReleased,
            at,
            {"owner_id": None},
            previous_owner_id=self._lead["owner_id"],
            rule="manual",
            rule_version=None,
            reason_code="no_contact",
        )

    def contacted(
        self, kind: str = "call", at: Moment | None = None, outcome: str = "completed"
    ) -> "LeadHistory":
        """Its owner had contact with it, or tried."""
        when = self.at + timedelta(days=1) if at is None else moment(at)
        visit = kind in said.FIRST_VISIT_KINDS and outcome == "completed" and not self._visited
        first = not self._contacted
        self._contacted, self._visited = True, self._visited or visit
        return self._say(
            said.ContactLogged,
            when,
            {},
            contact_id=self._ledger.new_id("contact"),
            contact_kind=said.ContactKind(kind),
            outcome=said.ContactOutcome(outcome),
            logged_by_id=self._lead["owner_id"],
            first_response_seconds=int((when - self.captured_at).total_seconds()) if first else None,
            first_visit=visit,
        )

    def qualified(self, at: Moment | None = None) -> "LeadHistory":
        return self._say(said.LeadQualified, at, {"state": said.LeadState.qualified})

    def discarded(self, reason: str = "no_need", at: Moment | None = None) -> "LeadHistory":
        return self._say(said.LeadDiscarded, at, {"state": said.LeadState.discarded}, reason_code=reason)

    def converted(
        self,
        at: Moment | None = None,
        *,
        amount: Figure | None = None,
        currency: str = "CNY",
        outcome: str | None = None,
        closed_at: Moment | None = None,
    ) -> "LeadHistory":
        """It became an opportunity, `opportunity_id`; an imported one may tell how that ended."""
        closed = None
        if outcome in ("won", "lost"):
            closed = said.KnownClose(
                outcome=outcome,
                closed_at=moment(closed_at or self.at),
                reason_code=LossReason.not_recorded if outcome == "lost" else None,
            )
        return self._say(
            said.LeadConverted,
            at,
            {"state": said.LeadState.converted},
            opportunity_id=self.opportunity_id,
            amount=None if amount is None else Decimal(amount),
            currency=currency,
            expected_close_on=None,
            closed=closed,
        )

    def learnt(
        self,
        outcome: str,
        at: Moment | None = None,
        *,
        amount: Figure | None = None,
        currency: str = "CNY",
    ) -> "LeadHistory":
        """It was heard what became of its opportunity."""
        return self._say(
            said.LeadOutcomeLearnt,
            at,
            {},
            opportunity_id=self.opportunity_id,
            outcome=said.Outcome(outcome),
            amount=None if amount is None else Decimal(amount),
            currency=currency,
        )

    def _say(
        self, event: type[said.Lead], at: Moment | None, change: dict[str, Any], **more: Any
    ) -> "LeadHistory":
        self.at = self.at + timedelta(days=1) if at is None else moment(at)
        self._lead = self._lead | change
        self.last = self._ledger.say(event(**self._lead, **more), self.at)
        return self


class Sources(Ledger):
    """Channels with their cost, and the leads that come from them."""

    def channel(self, code: str, name_en: str | None = None, name_zh: str | None = None) -> str:
        """A channel; returns its code."""
        self.say(
            said.ChannelDefined(channel=code, name_en=name_en or code, name_zh=name_zh or code, active=True)
        )
        return code

    def cost(
        self,
        channel: str,
        amount: Figure,
        starts_on: date,
        ends_on: date,
        *,
        currency: str = "CNY",
        campaign: str | None = None,
    ) -> Received:
        """Money spent on a channel."""
        return self.say(
            said.CostRecorded(
                channel=channel,
                campaign=campaign,
                cost_id=self.new_id("cost"),
                starts_on=starts_on,
                ends_on=ends_on,
                amount=Decimal(amount),
                currency=currency,
            ),
            starts_on,
        )

    def cost_voided(self, cost: Received) -> Received:
        """A cost was undone."""
        return self.say(said.CostVoided(**cost.data, reason_code="entered_by_mistake"), cost.occurred_at)

    def lead(
        self,
        owner: UUID | None = None,
        *,
        at: Moment | None = None,
        channel: str = "zhihu",
        campaign: str | None = None,
        company: str | None = "长江精密制造有限公司",
        product_line: str | None = None,
        level: str | None = None,
        intent: str = "unknown",
        valid: bool = True,
        imported: bool = False,
    ) -> LeadHistory:
        """A lead, captured; go on from what is returned."""
        when = self.start if at is None else moment(at)
        captured = said.LeadCaptured(
            lead_id=self.new_id("lead"),
            owner_id=owner,
            channel=channel,
            campaign=campaign,
            company=company,
            credit_code=None,
            product_line=product_line,
            level=level,
            intent=said.Intent(intent),
            state=said.LeadState.open,
            captured_on=when.astimezone(BUSINESS_ZONE).date(),
            valid=valid,
            validity_version=1,
            imported=imported,
        )
        return LeadHistory(self, captured, when)
