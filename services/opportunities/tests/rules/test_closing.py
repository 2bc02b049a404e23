"""Winning, losing, reopening and voiding."""

from decimal import Decimal

import pytest

from contracts.opportunities import LossReason, Undone
from opportunities.pipeline.rules import State, lose, reopen, void, win
from opportunities.pipeline.rules.refusals import (
    AmountMissing,
    NothingToVoid,
    NotLost,
    OpportunityClosed,
    OpportunityIsVoided,
    ReasonOnlyForImports,
    WonBeforeLastStage,
)

from .deals import CLOSING, OPENING, opportunity, pipeline


def test_a_win_is_for_the_signed_amount() -> None:
    won = win(opportunity("contract"), pipeline(), amount=Decimal("1150.50"), currency="USD")
    assert (won.amount, won.currency, won.stage) == (Decimal("1150.50"), "USD", "contract")


def test_a_win_without_an_amount_is_for_the_expected_one() -> None:
    assert win(opportunity("contract"), pipeline()).amount == Decimal(1200)


def test_a_win_needs_an_amount() -> None:
    with pytest.raises(AmountMissing):
        win(opportunity("contract", amount=None), pipeline())


@pytest.mark.capability("S76")
def test_a_win_from_an_earlier_stage_would_be_a_skip() -> None:
    with pytest.raises(WonBeforeLastStage, match="the next allowed stage is proposal"):
        win(opportunity("intent"), pipeline())


def test_a_pipeline_that_allows_skips_allows_a_win_from_any_stage() -> None:
    assert win(opportunity("intent"), pipeline(allows_skip=True)).stage == "intent"


def test_imported_history_is_won_from_any_stage() -> None:
    assert win(opportunity("prospect"), pipeline(), imported=True).imported


@pytest.mark.parametrize("state", [State.won, State.lost])
def test_what_is_closed_is_not_closed_again(state: State) -> None:
    with pytest.raises(OpportunityClosed):
        win(opportunity("contract", state), pipeline())
    with pytest.raises(OpportunityClosed):
        lose(opportunity("contract", state), LossReason.strong_competitor)


@pytest.mark.capability("S79", "S80")
@pytest.mark.parametrize("reason", [each for each in LossReason if each is not LossReason.not_recorded])
def test_a_loss_has_one_of_the_four_reasons(reason: LossReason) -> None:
    assert lose(opportunity("proposal"), reason).reason_code == reason


@pytest.mark.capability("S79")
def test_only_an_import_may_leave_the_reason_out() -> None:
    with pytest.raises(ReasonOnlyForImports, match="product_mismatch, late_follow_up, budget_or_long"):
        lose(opportunity(), LossReason.not_recorded)
    assert lose(opportunity(), LossReason.not_recorded, imported=True).imported


def test_a_lost_opportunity_is_reopened_at_its_stage() -> None:
    reopened = reopen(opportunity("proposal", State.lost), "customer_returned")
    assert (reopened.stage, reopened.reason_code) == ("proposal", "customer_returned")


@pytest.mark.parametrize("state", [State.open, State.won, State.voided])
def test_only_a_lost_opportunity_is_reopened(state: State) -> None:
    with pytest.raises(NotLost, match=f"It is {state}"):
        reopen(opportunity(state=state), "customer_returned")


@pytest.mark.parametrize(("state", "undone"), [(State.won, Undone.win), (State.lost, Undone.loss)])
def test_a_voided_win_or_loss_leaves_it_open_at_its_stage(state: State, undone: Undone) -> None:
    closed = opportunity("contract", state)
    voided = void(closed, undone, "entered_by_mistake")
    assert (voided.voided_event_id, voided.stage) == (CLOSING, "contract")
    assert closed.after(voided).state is State.open


@pytest.mark.parametrize("state", [State.open, State.won, State.lost])
def test_an_opportunity_is_voided_in_any_state_and_for_ever(state: State) -> None:
    before = opportunity(state=state)
    voided = void(before, Undone.opportunity, "test_record")
    assert voided.voided_event_id == OPENING
    after = before.after(voided)
    assert after.state is State.voided
    with pytest.raises(OpportunityIsVoided):
        void(after, Undone.opportunity, "once_more")


@pytest.mark.parametrize(
    ("state", "undone"),
    [(State.open, Undone.win), (State.lost, Undone.win), (State.open, Undone.loss), (State.won, Undone.loss)],
)
def test_what_did_not_happen_is_not_voided(state: State, undone: Undone) -> None:
    with pytest.raises(NothingToVoid, match=f"the opportunity is {state}"):
        void(opportunity(state=state), undone, "entered_by_mistake")
