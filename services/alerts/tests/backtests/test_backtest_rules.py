"""What counts in a backtest."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from alerts.backtests.refusals import BacktestSpanUnfit, ChangeUnfit
from alerts.backtests.rules import Span, changed, outcome, shares
from alerts.rulebook.seed import defaults
from alerts.timers.rules import Calendar, Episode, Fact, timer_episodes
from contracts.alerts import Recipient, RuleDefined, TimerRule, Trigger

START = datetime(2026, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RULE = TimerRule(
    kind="timer",
    starts=[Trigger(event_type="opened")],
    resets=[Trigger(event_type="moved")],
    ends=[Trigger(event_type="won")],
    after_seconds=5 * 86_400,
)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def episodes(*told: tuple[str, float]) -> list[Episode]:
    facts = [Fact(UUID(int=n), type_, day(at), {}) for n, (type_, at) in enumerate(told)]
    return timer_episodes(RULE, facts, Calendar(ZoneInfo("UTC")))


def rule(code: str) -> RuleDefined:
    [defined] = [rule for known, rule in defaults() if known == code]
    return RuleDefined.model_validate({"rule": code, "rule_version": 1, **defined.model_dump()})


def test_a_firing_counts_from_the_first_instant_of_the_time_until_before_its_end() -> None:
    told = episodes(("opened", 0))
    assert len(Span(day(5), day(6)).firings(told)) == 1
    assert Span(day(4), day(5)).firings(told) == []
    assert Span(day(5.1), day(9)).firings(told) == []


def test_a_record_was_watched_where_its_clock_ran_and_had_not_fired_before() -> None:
    silent, lively = episodes(("opened", 0)), episodes(("opened", 0), ("moved", 3), ("won", 4))
    assert Span(day(1), day(3)).watches(silent)
    assert not Span(day(7), day(9)).watches(silent)
    assert Span(day(1), day(2)).watches(lively)
    assert not Span(day(4), day(9)).watches(lively)
    assert not Span(day(-3), day(0)).watches(lively)


def test_a_time_ends_now_and_lasts_two_years_at_most() -> None:
    assert Span.of(START, NOW + timedelta(days=9), NOW) == Span(START, NOW)
    for end in (START, START - timedelta(days=1), START + timedelta(days=733)):
        with pytest.raises(BacktestSpanUnfit, match="732"):
            Span.of(START, end, NOW)


def test_a_change_fits_the_kind_of_the_rule() -> None:
    stalled, low = rule("opportunity-stalled"), rule("core-metric-low")
    tried = changed(stalled, {"after_seconds": 604_800, "recipient": Recipient.owner})
    assert isinstance(tried.definition, TimerRule)
    assert (tried.definition.after_seconds, tried.recipient) == (604_800, Recipient.owner)
    assert changed(low, {"alert": Decimal("0.65")}).definition.model_dump()["alert"] == Decimal("0.65")
    with pytest.raises(
        ChangeUnfit, match=r"alert is no setting of a timer rule; allowed: after_seconds, clock"
    ):
        changed(stalled, {"alert": Decimal("0.65")})
    with pytest.raises(ChangeUnfit, match="after_seconds"):
        changed(low, {"after_seconds": 60})


def test_what_became_of_a_record_is_its_last_word() -> None:
    def became(*told: tuple[str, dict[str, str]]) -> str:
        return outcome([Fact(UUID(int=0), type_, START, data) for type_, data in told])

    won, lost = "opportunities.opportunity.won.v1", "opportunities.opportunity.lost.v1"
    reopened, voided = "opportunities.opportunity.reopened.v1", "opportunities.opportunity.voided.v1"
    assert became(("opportunities.opportunity.opened.v1", {})) == "open"
    assert became((won, {}), (voided, {"undone": "win"})) == "open"
    assert became((lost, {}), (reopened, {}), (won, {})) == "won"
    assert became((won, {}), (voided, {"undone": "opportunity"})) == "voided"
    captured, discarded = "leads.lead.captured.v1", "leads.lead.discarded.v1"
    assert became((captured, {"state": "open"}), (discarded, {"state": "discarded"})) == "discarded"


def test_shares_are_of_all_and_of_nothing_there_are_none() -> None:
    assert shares({"won": 1, "lost": 2}) == {"lost": Decimal("0.666667"), "won": Decimal("0.333333")}
    assert shares({}) == {}
