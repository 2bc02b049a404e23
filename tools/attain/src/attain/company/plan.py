"""The made-up company as data: a pure function of size, seed and last day.

The same arguments give the same company to the last cent, so playing it twice is playing it once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from attain.company import names
from attain.company.goals import Goal, make_goals
from attain.company.organisation import Organisation, Person, make_organisation

SPAN = timedelta(days=640)
"""How far the company's history reaches back from its last day: four or five full quarters with a year before."""

SHANGHAI = ZoneInfo("Asia/Shanghai")

SEASON = (0.8, 0.55, 1.1, 0.95, 1.0, 1.2, 0.85, 0.9, 1.1, 0.95, 1.15, 1.45)
"""Demand by month: quiet around the spring festival, strong at the end of quarters and of the year."""

STAGES = ("prospect", "intent", "proposal", "contract")
DWELL_DAYS = {"prospect": 7, "intent": 10, "proposal": 14, "contract": 21}
ADVANCES = {"prospect": 0.55, "intent": 0.66, "proposal": 0.68, "contract": 0.85}
"""How often an opportunity leaves a stage forwards; of the others most are lost, some linger."""

LOSS_REASONS = ("late_follow_up", "product_mismatch", "budget_or_long_decision", "strong_competitor")
PRICE = {"cloud": 90_000, "hardware": 160_000, "security": 120_000, "services": 60_000}
USD_SHARE = 0.12
USD_WORTH = Decimal("7.1")


@dataclass(frozen=True, slots=True)
class Step:
    """A verb on an opportunity at an instant, as the API takes it."""

    verb: str
    at: datetime
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity's life. Its title ends with `key`."""

    key: str
    owner: Person
    customer: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """Everything that is played, in the order in which it is played."""

    last_day: date
    organisation: Organisation
    rates: list[dict[str, str]]
    customers: list[dict[str, str]]
    deals: list[Deal]
    goals: list[Goal]


def make_company(*, opportunities: int, seed: int, last_day: date) -> Company:
    """A company whose history ends on `last_day`, with about one person for 25 opportunities."""
    random = Random(seed)
    first_day = last_day - SPAN
    organisation = make_organisation(random, max(12, opportunities // 25), first_day, last_day)
    customers = _customers(random, max(8, opportunities // 6))
    maker = _DealMaker(random, organisation, customers, first_day, last_day)
    deals = [maker.make(number) for number in range(1, opportunities + 1)]
    goals = make_goals(_won(deals), SEASON, first_day, last_day)
    return Company(last_day, organisation, _rates(first_day, last_day), customers, deals, goals)


def _won(deals: list[Deal]) -> Iterator[tuple[date, Decimal]]:
    """Day and amount of every win, dollars at about what they are worth."""
    for deal in deals:
        amount, worth = Decimal(), Decimal(1)
        for step in deal.steps:
            amount = Decimal(step.body.get("amount", amount)) if step.verb in ("open", "change") else amount
            worth = USD_WORTH if step.body.get("currency") == "USD" else worth
            if step.verb == "win":
                yield step.at.date(), amount * worth


def _rates(first_day: date, last_day: date) -> list[dict[str, str]]:
    """A dollar rate for every quarter, moving a little."""
    days = [first_day + timedelta(days=91 * number) for number in range(SPAN.days // 91 + 1)]
    return [
        {
            "currency": "USD",
            "rate": f"{Decimal('7.08') + Decimal(number % 4) / 50:.4f}",
            "effective_on": str(day),
        }
        for number, day in enumerate(days)
        if day <= last_day
    ]


def _customers(random: Random, count: int) -> list[dict[str, str]]:
    """Chinese companies with a few foreign ones among them."""
    foreign = [
        {"external_id": f"C-F{n:03d}", "name": name, "sector": sector, "country": country}
        for n, (name, sector, country) in enumerate(names.FOREIGN_CUSTOMERS, 1)
    ]
    pairs = [(place, trade) for trade in names.TRADES for place in names.PLACES]
    random.shuffle(pairs)
    local = []
    for number in range(1, count + 1):
        (place, place_en), (trade, trade_en, sector) = pairs[number % len(pairs)]
        suffix = "" if number < len(pairs) else f" {number // len(pairs) + 1}"
        local.append(
            {
                "external_id": f"C-{number:04d}",
                "name": f"{place}{trade}有限公司 {place_en} {trade_en}{suffix}",
                "sector": sector,
                "country": "China",
            }
        )
    return foreign + local


def deal_key(number: int) -> str:
    """The key of the company's opportunity of a number, counted from 1."""
    return f"D-{number:05d}"


class _DealMaker:
    """Makes opportunities one after the other from one stream of chance."""

    def __init__(
        self,
        random: Random,
        organisation: Organisation,
        customers: list[dict[str, str]],
        first_day: date,
        last_day: date,
    ) -> None:
        self.random, self.organisation = random, organisation
        self.customers, self.first_day = customers, first_day
        self.end = datetime.combine(last_day, time(0), SHANGHAI)
        days = [first_day + timedelta(days=n) for n in range(SPAN.days - 2)]
        self.days = [day for day in days if day.weekday() < 5]
        self.demand = [SEASON[day.month - 1] for day in self.days]

    def make(self, number: int) -> Deal:
        """One opportunity with everything that happens to it up to the company's last day."""
        random = self.random
        day = random.choices(self.days, self.demand)[0]
        owner = random.choice(self.organisation.sellers_on(day))
        customer = random.choice(self.customers)
        line = random.choice(names.PRODUCT_LINES)
        dollars = random.random() < (0.7 if customer["country"] != "China" else USD_SHARE / 3)
        amount = Decimal(round(PRICE[line] * random.lognormvariate(0, 0.5) / (7 if dollars else 1), -2))
        opened = datetime.combine(day, time(9), SHANGHAI) + timedelta(minutes=random.randrange(480))
        opening = {
            "product_line": line,
            "channel": random.choice(names.CHANNELS),
            "amount": f"{amount:.2f}",
            "currency": "USD" if dollars else "CNY",
            "expected_close_on": str(day + timedelta(days=random.randrange(30, 90))),
        }
        steps = [Step("open", opened, opening), *self._life(opened, amount, opening["currency"], owner)]
        lived = tuple(sorted((step for step in steps if step.at < self.end), key=lambda step: step.at))
        return Deal(deal_key(number), owner, customer["external_id"], lived)

    def _life(self, at: datetime, amount: Decimal, currency: str, owner: Person) -> list[Step]:
        """Stage after stage, with interactions on the way, to a win, a loss or silence."""
        steps: list[Step] = []
        for stage, following in zip(STAGES, (*STAGES[1:], None), strict=True):
            at = self._talk(steps, at, DWELL_DAYS[stage] * self.random.lognormvariate(0, 0.6))
            chance = self.random.random()
            if chance > ADVANCES[stage]:
                if self.random.random() < 0.85:
                    steps.append(Step("lose", at, {"reason_code": self.random.choice(LOSS_REASONS)}))
                break
            if following:
                steps.append(Step("change_stage", at, {"stage": following}))
                amount = self._haggle(steps, at, amount, currency)
            else:
                steps.append(Step("win", at, {}))
                self._collect(steps, at, amount, currency)
        return self._hand_over(steps, owner)

    def _talk(self, steps: list[Step], at: datetime, days: float) -> datetime:
        """Interactions spread over a stay in a stage; the instant at which it ends."""
        for share in sorted(self.random.random() for _ in range(self.random.randrange(4))):
            kind = self.random.choice(("call", "call", "message", "email", "visit", "meeting", "demo"))
            direction = self.random.choice(("outbound", "outbound", "inbound"))
            body = {
                "kind": kind,
                "direction": "mutual" if kind in ("visit", "meeting", "demo") else direction,
            }
            steps.append(Step("log_interaction", at + timedelta(days=days * share), body))
        return at + timedelta(days=days)

    def _haggle(self, steps: list[Step], at: datetime, amount: Decimal, currency: str) -> Decimal:
        if self.random.random() < 0.25:
            amount = (amount * Decimal(self.random.choice(("0.85", "0.9", "0.95", "1.1")))).quantize(
                Decimal("0.01")
            )
            body = {"amount": f"{amount:.2f}", "currency": currency}
            steps.append(Step("change", at + timedelta(minutes=5), body))
        return amount

    def _collect(self, steps: list[Step], at: datetime, amount: Decimal, currency: str) -> None:
        """Money comes in one to three parts; not all of it has arrived by the last day."""
        parts = self.random.choice((1, 2, 2, 3))
        part = (amount / parts).quantize(Decimal("0.01"))
        for number in range(parts):
            at += timedelta(days=self.random.randrange(7, 40))
            received = part if number < parts - 1 else amount - part * (parts - 1)
            steps.append(Step("record_receipt", at, {"amount": f"{received:.2f}", "currency": currency}))

    def _hand_over(self, steps: list[Step], owner: Person) -> list[Step]:
        """What a leaver still had goes to a colleague on the last working day."""
        if owner.left_on is None:
            return steps
        last = datetime.combine(owner.left_on - timedelta(days=1), time(18), SHANGHAI)
        closed_by_then = any(step.verb in ("win", "lose") and step.at <= last for step in steps)
        if closed_by_then:
            return steps
        heir = self.organisation.heir_of(owner)
        handover = Step("change_owner", last, {"owner": heir.code})
        before = [step for step in steps if step.at <= last]
        return [*before, handover, *(step for step in steps if step.at > last)]


def in_utc(moment: datetime) -> str:
    """An instant as the APIs take it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
