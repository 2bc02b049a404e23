"""How rows of an import become facts."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Refusal
from contracts.opportunities import LossReason, OpportunityLost
from opportunities.intake.refusals import HistoryFixed
from opportunities.intake.rules import Story, Told, change_history, open_history
from opportunities.pipeline.rules import Standing, State, change
from opportunities.pipeline.rules.refusals import (
    AmountMissing,
    OpportunityClosed,
    ReasonOnlyForImports,
    StageSkipped,
    StageSteppedBack,
    WonBeforeLastStage,
)

from .deals import LI, OPPORTUNITY, WANG, pipeline

OPENED = datetime(2016, 10, 19, 16, tzinfo=UTC)
CLOSED = datetime(2017, 2, 28, 16, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)

ROW = Told(
    owner_id=WANG,
    customer_id=None,
    product_line="GTX Pro",
    channel=None,
    amount=None,
    currency="CNY",
    expected_close_on=None,
    stage=None,
    state=State.open,
    opened_at=OPENED,
    closed_at=None,
    loss_reason=None,
)
WON: dict[str, Any] = {"state": State.won, "closed_at": CLOSED, "amount": Decimal(1054)}


def told(story: Story) -> list[tuple[str, str, datetime]]:
    return [(type(fact).__name__, fact.stage, at) for fact, at in story.facts]


def imported(**row: Any) -> Standing:
    return open_history(OPPORTUNITY, pipeline(), replace(ROW, **row)).standing


def live(**row: Any) -> Standing:
    """Imported, then changed here."""
    standing = imported(**row)
    return standing.after(change(standing, {"channel": "referral"})[0])


def test_a_row_is_opened_walks_every_stage_and_is_closed() -> None:
    story = open_history(OPPORTUNITY, pipeline(), replace(ROW, stage="proposal", **WON))
    assert told(story) == [
        ("OpportunityOpened", "prospect", OPENED),
        ("OpportunityStageChanged", "intent", OPENED),
        ("OpportunityStageChanged", "proposal", OPENED),
        ("OpportunityWon", "proposal", CLOSED),
    ]
    assert all(fact.imported for fact, _ in story.facts)


def test_a_lost_row_without_a_reason_says_that_none_was_recorded() -> None:
    story = open_history(OPPORTUNITY, pipeline(), replace(ROW, state=State.lost, closed_at=CLOSED))
    lost = story.facts[-1][0]
    assert isinstance(lost, OpportunityLost)
    assert lost.reason_code == LossReason.not_recorded


def test_a_won_row_needs_its_amount() -> None:
    with pytest.raises(AmountMissing):
        open_history(OPPORTUNITY, pipeline(), replace(ROW, **{**WON, "amount": None}))


def test_a_changed_row_tells_only_the_difference() -> None:
    row = replace(ROW, stage="proposal", owner_id=LI, **WON)
    changed = {"stage", "state", "closed_at", "amount", "owner_id"}
    story = change_history(imported(stage="intent"), pipeline(), row, changed, NOW)
    assert told(story) == [
        ("OpportunityOwnerChanged", "intent", CLOSED),
        ("OpportunityAmountChanged", "intent", CLOSED),
        ("OpportunityStageChanged", "proposal", CLOSED),
        ("OpportunityWon", "proposal", CLOSED),
    ]


def test_a_change_without_an_instant_of_its_own_happens_now() -> None:
    story = change_history(imported(), pipeline(), replace(ROW, amount=Decimal(5)), {"amount"}, NOW)
    assert told(story) == [("OpportunityAmountChanged", "prospect", NOW)]


def test_what_did_not_change_in_the_source_does_not_undo_what_changed_here() -> None:
    before = live(product_line="GTX Pro")
    story = change_history(before, pipeline(), replace(ROW, amount=Decimal(5)), {"amount"}, NOW)
    assert story.standing.deal.channel == "referral"


def test_a_row_that_is_won_since_with_its_old_amount_is_won_with_the_amount_set_here() -> None:
    before = imported(stage="contract", amount=Decimal(100))
    for fact in change(before, {"amount": Decimal(250), "currency": "USD"}):
        before = before.after(fact)
    row = replace(ROW, stage="contract", state=State.won, closed_at=CLOSED, amount=Decimal(100))
    won = change_history(before, pipeline(), row, {"state", "closed_at"}, NOW).standing.deal
    assert (won.amount, won.currency) == (Decimal(250), "USD")


@pytest.mark.capability("S76")
def test_history_does_not_step_back() -> None:
    with pytest.raises(StageSteppedBack):
        change_history(imported(stage="proposal"), pipeline(), replace(ROW, stage="intent"), {"stage"}, NOW)


@pytest.mark.capability("S76")
def test_an_import_of_a_live_change_may_not_skip() -> None:
    with pytest.raises(StageSkipped):
        change_history(live(), pipeline(), replace(ROW, stage="contract"), {"stage"}, NOW)
    story = change_history(live(), pipeline(), replace(ROW, stage="intent"), {"stage"}, NOW)
    assert [fact.imported for fact, _ in story.facts] == [False]


@pytest.mark.capability("S76", "S79")
def test_an_import_of_a_live_change_closes_by_the_rules_of_live_changes() -> None:
    with pytest.raises(WonBeforeLastStage):
        change_history(live(stage="intent"), pipeline(), replace(ROW, **WON), {"state", "closed_at"}, NOW)
    lost = replace(ROW, state=State.lost, closed_at=CLOSED)
    with pytest.raises(ReasonOnlyForImports):
        change_history(live(stage="intent"), pipeline(), lost, {"state", "closed_at"}, NOW)


@pytest.mark.parametrize("field", ["opened_at", "pipeline", "closed_at", "loss_reason"])
def test_what_was_told_once_and_for_all_does_not_change(field: str) -> None:
    with pytest.raises(HistoryFixed) as refused:
        change_history(imported(**WON), pipeline(), replace(ROW, **WON), {field}, NOW)
    assert refused.value.pointer == f"/{field}"


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ({}, {"state", "closed_at"}),
        ({"state": State.lost, "closed_at": CLOSED}, {"state"}),
        ({**WON, "amount": Decimal(7)}, {"amount"}),
        ({**WON, "stage": "intent"}, {"stage"}),
    ],
)
def test_an_import_does_not_change_what_is_closed(row: dict[str, Any], changed: set[str]) -> None:
    with pytest.raises(OpportunityClosed):
        change_history(imported(**WON), pipeline(), replace(ROW, **row), changed, NOW)


def test_a_row_that_was_won_here_already_is_not_won_again() -> None:
    story = change_history(imported(**WON), pipeline(), replace(ROW, **WON), {"state", "closed_at"}, NOW)
    assert story.facts == []


STAGE = st.sampled_from([None, "prospect", "intent", "proposal", "contract"])
CLOSING: list[dict[str, Any]] = [
    {"state": State.open, "closed_at": None},
    {"state": State.won, "closed_at": CLOSED},
    {"state": State.lost, "closed_at": CLOSED, "loss_reason": LossReason.late_follow_up},
]
ROWS = st.builds(
    lambda closing, **fields: replace(ROW, **fields, **closing),
    st.sampled_from(CLOSING),
    stage=STAGE,
    owner_id=st.sampled_from([WANG, LI]),
    amount=st.sampled_from([Decimal(1), Decimal(2)]),
    channel=st.sampled_from([None, "fair"]),
    expected_close_on=st.none() | st.dates(),
)


@given(st.lists(ROWS, min_size=2, max_size=4))
def test_whatever_rows_come_the_opportunity_stands_as_the_last_accepted_one_says(rows: list[Told]) -> None:
    last, *others = rows
    standing = open_history(OPPORTUNITY, pipeline(), last).standing
    for row in others:
        changed = {
            field.name for field in fields(Told) if getattr(row, field.name) != getattr(last, field.name)
        }
        try:
            story = change_history(standing, pipeline(), row, changed, NOW)
        except Refusal:
            continue
        assert all(fact.imported for fact, _ in story.facts)
        standing, last = story.standing, row
        assert (standing.state, standing.deal.owner_id) == (row.state, row.owner_id)
        assert standing.deal.stage == (row.stage or standing.deal.stage)
        if "amount" in changed:
            assert standing.deal.amount == row.amount
        assert change_history(standing, pipeline(), row, set(), NOW).facts == []
