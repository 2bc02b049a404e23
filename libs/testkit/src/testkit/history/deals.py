"""An opportunity's history. Nothing is refused here: the rules are the business of the opportunities service."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts import Received
from contracts import opportunities as said
from testkit.history.ledger import Ledger
from testkit.history.moments import Moment, moment


class DealHistory:
    """Tells what happened to one opportunity, in order. `at` is a day after the last fact unless given."""

    def __init__(self, ledger: Ledger, opened: said.OpportunityOpened, at: Moment | None) -> None:
        self._ledger = ledger
        self._deal = {field: getattr(opened, field) for field in said.Deal.model_fields}
        self._before_close: dict[str, Any] = self._deal
        self._closing: Received | None = None
        self.id = opened.opportunity_id
        self.at: datetime = ledger.start if at is None else moment(at)
        self.opening = self.last = ledger.say(opened, self.at)

    @property
    def stage(self) -> str:
        """The stage that it stands in, or was closed from."""
        stage: str = self._deal["stage"]
        return stage

    def live(self) -> "DealHistory":
        """What follows is no history from an import any more."""
        self._deal = self._deal | {"imported": False}
        return self

    def moved(self, stage: str, at: Moment | None = None, *, step_back: bool = False) -> "DealHistory":
        """It entered another stage."""
        return self._say(
            said.OpportunityStageChanged,
            at,
            {"stage": stage},
            previous_stage=self._deal["stage"],
            step_back=step_back,
            reason_code="customer_request" if step_back else None,
        )

    def amount(
        self, amount: Decimal | int, at: Moment | None = None, currency: str | None = None
    ) -> "DealHistory":
        previous = {"previous_amount": self._deal["amount"], "previous_currency": self._deal["currency"]}
        change = {"amount": Decimal(amount), "currency": currency or self._deal["currency"]}
        return self._say(said.OpportunityAmountChanged, at, change, **previous)

    def close_date(self, expected_close_on: date, at: Moment | None = None) -> "DealHistory":
        previous = self._deal["expected_close_on"]
        change = {"expected_close_on": expected_close_on}
        return self._say(said.OpportunityCloseDateMoved, at, change, previous_close_on=previous)

    def details(self, at: Moment | None = None, **change: Any) -> "DealHistory":
        """It has another `customer_id`, `product_line` or `channel`."""
        return self._say(said.OpportunityDetailsChanged, at, change)

    def owner(self, owner: UUID, at: Moment | None = None) -> "DealHistory":
        """It is owned by another person."""
        previous = self._deal["owner_id"]
        return self._say(said.OpportunityOwnerChanged, at, {"owner_id": owner}, previous_owner_id=previous)

    def won(self, amount: Decimal | int | None = None, at: Moment | None = None) -> "DealHistory":
        """It was won, for another amount than expected where one is given."""
        return self._close(said.OpportunityWon, at, {} if amount is None else {"amount": Decimal(amount)})

    def lost(self, reason: str = said.LossReason.late_follow_up, at: Moment | None = None) -> "DealHistory":
        return self._close(said.OpportunityLost, at, {}, reason_code=reason)

    def reopened(self, at: Moment | None = None, stage: str | None = None) -> "DealHistory":
        """It was taken up again, in the stage that it was lost from unless another is given."""
        change = {"stage": stage or self._deal["stage"]}
        return self._say(said.OpportunityReopened, at, change, reason_code="customer_returned")

    def voided(self, undone: str, at: Moment | None = None) -> "DealHistory":
        """Its last `win` or `loss`, or the whole `opportunity`, was undone; the deal stands as before it."""
        voided, change = self.opening, self._deal
        if undone != said.Undone.opportunity:
            assert self._closing is not None, "nothing was closed"
            voided, change = self._closing, self._before_close
        return self._say(
            said.OpportunityVoided,
            at,
            change,
            undone=said.Undone(undone),
            voided_event_id=voided.id,
            reason_code="entered_by_mistake",
        )

    def interaction(
        self,
        at: Moment | None = None,
        kind: str = said.InteractionKind.call,
        direction: str = said.InteractionDirection.outbound,
    ) -> "DealHistory":
        """The owner had contact with the customer."""
        return self._say(
            said.InteractionLogged,
            at,
            {},
            interaction_id=self._ledger.new_id("interaction"),
            interaction_kind=said.InteractionKind(kind),
            direction=said.InteractionDirection(direction),
            logged_by_id=self._deal["owner_id"],
        )

    def objected(self, code: str = "price", at: Moment | None = None) -> UUID:
        """The customer raised an objection; returns its id."""
        objection_id = self._ledger.new_id("objection")
        self._say(said.ObjectionRaised, at, {}, objection_id=objection_id, objection_code=code)
        return objection_id

    def answered(self, objection_id: UUID, code: str = "price", at: Moment | None = None) -> "DealHistory":
        """An objection was answered."""
        return self._say(
            said.ObjectionAnswered,
            at,
            {},
            objection_id=objection_id,
            objection_code=code,
            answered_by_id=self._deal["owner_id"],
        )

    def receipt(
        self, amount: Decimal | int, at: Moment | None = None, currency: str | None = None
    ) -> "DealHistory":
        """Money was received."""
        return self._say(
            said.ReceiptRecorded,
            at,
            {},
            receipt_id=self._ledger.new_id("receipt"),
            received_amount=Decimal(amount),
            received_currency=currency or self._deal["currency"],
        )

    def _close(
        self, event: type[said.Deal], at: Moment | None, change: dict[str, Any], **more: Any
    ) -> "DealHistory":
        self._before_close = self._deal
        self._say(event, at, change, **more)
        self._closing = self.last
        return self

    def _say(
        self, event: type[said.Deal], at: Moment | None, change: dict[str, Any], **more: Any
    ) -> "DealHistory":
        self.at = self.at + timedelta(days=1) if at is None else moment(at)
        self._deal = self._deal | change
        self.last = self._ledger.say(event(**self._deal, **more), self.at)
        return self
