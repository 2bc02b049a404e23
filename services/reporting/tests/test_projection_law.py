"""The law of projections: whatever way the events arrive, the tables end the same."""

import itertools
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts import Received
from contracts.alerts import Compared, ReadingRule, Recipient, RuleDefined, TimerRule, Trigger
from contracts.opportunities import (
    CustomerChanged,
    CustomerOwnerChanged,
    InteractionLogged,
    OpportunityOpened,
    OpportunityWon,
)
from contracts.targets import Condition, CountOrSum, Direction, Ratio
from messaging import Projector
from testkit.contents import contents, empty
from testkit.history import STAGES, DealHistory, History, LeadHistory
from testkit.projecting import project

type Step = tuple[str, int, int, int]
"""What happens, to which thing, how, and after how many hours."""


class Company:
    """Lets happen what the rules of the owning services allow; a step that they refuse does not happen."""

    def __init__(self) -> None:
        self.history = History()
        self.people = [self.history.person(code) for code in ("E1", "E2")]
        self.units = [self.history.unit(code) for code in ("east", "west")]
        self.customer = self.history.customer("Company", sector="retail")
        self.target = self.history.target("metric-0", "2026", 100, unit=self.units[0])
        self.leads: list[LeadHistory] = []
        self.costs: list[Received] = []
        self.deals: list[DealHistory] = []
        self.states: list[str] = []
        self.versions = 0
        for number in range(2):
            self._metric(number, number)
            self._open(number, 2)

    def live(self, steps: Sequence[Step]) -> list[Received]:
        for what, which, how, hours in steps:
            if what in _DEALINGS:
                self._deal(what, which, how, hours)
            else:
                getattr(self, f"_{what}")(which, how)
        return self.history.events

    def _deal(self, what: str, which: int, how: int, hours: int) -> None:
        index = which % len(self.deals)
        deal, state = self.deals[index], self.states[index]
        states, act = _DEALINGS[what]
        if state in states:
            before, last = deal.at, deal.last
            deal.at += timedelta(hours=hours) - timedelta(days=1)  # the builder adds a day
            self.states[index] = act(self, deal, how) or state
            if deal.last is last:  # nothing was said, and a root never goes back in time
                deal.at = before

    def _open(self, which: int, how: int) -> None:
        self.deals.append(
            self.history.deal(
                self.people[which % 2],
                amount=[None, 100, 250, 1000][how],
                customer=self.customer,
                product_line=[None, "cloud", "chips", "cloud"][which],
                imported=how == 3,
            )
        )
        self.states.append("open")

    def _lead(self, which: int, how: int) -> None:
        """Captured or, where there are enough, told on; a conversion opens its opportunity."""
        if len(self.leads) <= which:
            owner = [None, *self.people, None][how]
            self.leads.append(self.history.lead(owner, channel=f"channel-{how}", imported=how == 2))
            return
        lead, person = self.leads[which], self.people[how % 2]
        match how:
            case 0:
                lead.assigned(person).contacted("visit")
            case 1:
                lead.assigned(person).contacted("call", outcome="no_answer").released()
            case 2:
                lead.discarded()
            case _:
                lead.assigned(person).qualified().converted()
                self.deals.append(
                    self.history.deal(person, amount=10, lead=lead).interaction(None, "demo", "mutual")
                )
                self.states.append("open")
                self.leads[which] = self.history.lead(person)

    def _source(self, which: int, how: int) -> None:
        self.history.channel(f"channel-{which}", f"Channel {how}")
        if how == 3 and self.costs:
            self.history.cost_voided(self.costs.pop())
        else:
            day = date(2026, 1 + which, 1)
            self.costs.append(self.history.cost(f"channel-{which}", 100 + how, day, date(2026, 6, 1)))

    def _rule(self, which: int, how: int) -> None:
        self.versions += 1
        reads = ReadingRule(
            kind="reading",
            metrics=["stage_dwell"][: how % 2],
            compared=Compared.value,
            direction=Direction.lower_is_better,
            alert=Decimal(how),
        )
        waits = TimerRule(
            kind="timer", starts=[Trigger(event_type=OpportunityOpened.type)], after_seconds=3600
        )
        self.history.say(
            RuleDefined(
                rule=f"rule-{which % 2}",
                rule_version=self.versions,
                name_en="a rule",
                name_zh="规则",
                active=how < 2,
                definition=waits if how == 3 else reads,
                recipient=Recipient.owner,
                escalation=[],
                steps=[],
            )
        )

    def _metric(self, which: int, how: int) -> None:
        self.versions += 1
        self.history.metric(f"metric-{which % 2}", _DEFINITIONS[how], version=self.versions, core=which > 1)

    def _revise(self, which: int, how: int) -> None:
        self.history.revise(self.target, 100 + how, date(2026, 1 + which % 2, 1))

    def _withdraw(self, which: int, how: int) -> None:
        self.history.withdraw(self.target, date(2026, 3, 1 + how))

    def _rate(self, which: int, how: int) -> None:
        self.history.rate(["USD", "EUR"][which % 2], 1 + which, on=date(2026, 1 + how, 1))

    def _join(self, which: int, how: int) -> None:
        self.history.move(self.people[which % 2], [None, *self.units, None][how], date(2026, 1 + which, 1))

    def _customer(self, which: int, how: int) -> None:
        owner, former = self.people[which % 2], self.people[how % 2]
        self.history.say(
            CustomerOwnerChanged(customer_id=self.customer, owner_id=owner, previous_owner_id=former)
            if how < 2
            else CustomerChanged(
                customer_id=self.customer,
                name=f"Company {which}",
                sector=None,
                country="China",
                parent_id=None,
                owner_id=owner,
            )
        )

    def _calendar(self, which: int, how: int) -> None:
        self.history.period(f"P{which}", date(2026, 1, 1), date(2026, 2 + how, 1))
        self.history.working_time(2026, weekdays=range(1, 4 + how), holidays=[date(2026, 1, 1 + which)])

    def _pipeline(self, which: int, how: int) -> None:
        self.versions += 1
        self.history.pipeline(dict(list(STAGES.items())[: 1 + how]), version=self.versions)


def _move(company: Company, deal: DealHistory, how: int) -> None:
    position = _STAGES.index(deal.stage)
    if position + 1 < len(_STAGES):
        deal.moved(_STAGES[position + 1])


def _back(company: Company, deal: DealHistory, how: int) -> None:
    position = _STAGES.index(deal.stage)
    if position:
        deal.moved(_STAGES[how % position], step_back=True)


def _win(company: Company, deal: DealHistory, how: int) -> str:
    deal.won([None, 300, 1200, None][how])
    return "won"


def _lose(company: Company, deal: DealHistory, how: int) -> str:
    deal.lost()
    return "lost"


def _reopen(company: Company, deal: DealHistory, how: int) -> str:
    deal.reopened(stage=_STAGES[: _STAGES.index(deal.stage) + 1][-1 - how % 2 :][0])
    return "open"


def _void(company: Company, deal: DealHistory, how: int) -> str:
    deal.voided("win" if company.states[company.deals.index(deal)] == "won" else "loss")
    return "open"


def _void_all(company: Company, deal: DealHistory, how: int) -> str:
    deal.voided("opportunity")
    return "void"


def _unchanged(
    act: Callable[[Company, DealHistory, int], object],
) -> Callable[[Company, DealHistory, int], None]:
    def run(company: Company, deal: DealHistory, how: int) -> None:
        act(company, deal, how)

    return run


_STAGES = list(STAGES)
_ANY = ("open", "won", "lost", "void")
_DEALINGS: dict[str, tuple[Sequence[str], Callable[[Company, DealHistory, int], str | None]]] = {
    "move": (["open"], _move),
    "back": (["open"], _back),
    "amount": (["open"], _unchanged(lambda company, deal, how: deal.amount(50 * (1 + how)))),
    "date": (["open"], _unchanged(lambda company, deal, how: deal.close_date(date(2026, 3 + how, 1)))),
    "details": (["open"], _unchanged(lambda company, deal, how: deal.details(channel=f"channel {how}"))),
    "owner": (["open", "won"], _unchanged(lambda company, deal, how: deal.owner(company.people[how % 2]))),
    "win": (["open"], _win),
    "lose": (["open"], _lose),
    "reopen": (["lost"], _reopen),
    "void": (["won", "lost"], _void),
    "void_all": (["open", "won", "lost"], _void_all),
    "interact": (["open", "won", "lost"], _unchanged(lambda company, deal, how: deal.interaction())),
    "receive": (_ANY, _unchanged(lambda company, deal, how: deal.receipt(10 + how))),
}

_ELSE = (
    "open",
    "metric",
    "revise",
    "withdraw",
    "rate",
    "join",
    "customer",
    "calendar",
    "pipeline",
    "lead",
    "lead",
    "source",
    "rule",
)

STEPS = st.tuples(
    st.sampled_from([*_DEALINGS, *_ELSE, "move", "move", "win", "void", "void"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([0, 0, 5, 30, 700]),
)

_DEFINITIONS = (
    CountOrSum(
        kind="sum",
        event_type=OpportunityWon.type,
        value_field="amount",
        currency_field="currency",
        credited_field="owner_id",
        dimensions=["product_line", "channel"],
    ),
    CountOrSum(
        kind="count",
        event_type=OpportunityOpened.type,
        credited_field="owner_id",
        date_field="expected_close_on",
        conditions=[Condition(field="amount", operator="gte", value="200")],
    ),
    CountOrSum(
        kind="count",
        event_type=InteractionLogged.type,
        credited_field="logged_by_id",
        conditions=[Condition(field="product_line", operator="ne", value="chips")],
        dimensions=["interaction_kind"],
    ),
    Ratio(kind="ratio", numerator="metric-0", denominator="metric-1"),
)


def deliveries(events: Sequence[Received], chance: Random) -> list[list[Received]]:
    """The events twice or more each, roots in any order among each other, cut into batches anywhere."""
    roots: dict[str, deque[Received]] = defaultdict(deque)
    for event in events:
        roots[event.root].extend([event] * chance.choice([1, 1, 2]))
    arriving: list[Received] = []
    while roots:
        root = chance.choice(list(roots))
        arriving.append(roots[root].popleft())
        if not roots[root]:
            del roots[root]
    cuts = sorted(chance.sample(range(len(arriving) + 1), k=min(chance.randrange(5), len(arriving))))
    batches = [arriving[start:end] for start, end in itertools.pairwise([0, *cuts, len(arriving)])]
    return [*batches, list(events)]


@pytest.fixture
async def clean(projecting: Projector) -> AsyncIterator[Projector]:
    """A projector for tables beside the live ones."""
    projector = projecting.beside("clean")
    await projector.ensure()
    yield projector
    await projector.close()


@settings(
    max_examples=200,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=40), seed=st.integers(0, 2**32))
async def test_duplicates_and_any_order_across_roots_end_in_the_same_tables(
    steps: list[Step], seed: int, projecting: Projector, clean: Projector, looking: asyncpg.Connection
) -> None:
    await empty(looking, projecting.schema, clean.schema)
    events = Company().live(steps)
    with pytest.MonkeyPatch.context() as patch:
        if seed % 4 == 0:  # statement by statement, as a large batch is applied
            patch.setattr("messaging.projections.SMALL", 0)
        await project(clean, events)
    for batch in deliveries(events, Random(seed)):
        await project(projecting, batch)
    tables, expected = await contents(looking, projecting.schema), await contents(looking, clean.schema)
    for table, rows in tables.items():
        assert rows == expected[table], table
    assert len(tables["event"]) == len(events)
    assert not tables["parked_root"]
