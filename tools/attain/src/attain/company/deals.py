"""The made-up company's opportunities: what happens to each, from its opening to a win, a loss or silence."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from attain.company import names
from attain.company.calendar import Calendar
from attain.company.organisation import Organisation, Person
from attain.company.sources import CHANNEL_CODES
from attain.company.steps import SHANGHAI, Step, lived

STAGES = ("prospect", "intent", "proposal", "contract")
DWELL_DAYS = {"prospect": 5, "intent": 8, "proposal": 9, "contract": 12}
ADVANCES = {"prospect": 0.55, "intent": 0.66, "proposal": 0.68, "contract": 0.85}
"""How often an opportunity leaves a stage forwards; of the others most are lost at once, some linger."""

LOSS_REASONS = ("late_follow_up", "product_mismatch", "budget_or_long_decision", "strong_competitor")
OBJECTIONS = ("price", "delivery_time", "data_security", "integration")
OBJECTS = {"prospect": 0.0, "intent": 0.1, "proposal": 0.35, "contract": 0.2}
"""How often the customer holds something against the offer in a stage."""

PRICE = {"cloud": 90_000, "hardware": 160_000, "security": 120_000, "services": 60_000}
USD_SHARE = 0.12
HELD = ("visit", "meeting", "demo")
"""The kinds of interaction that both sides take part in."""


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity's life. Its title ends with `key`.

    `customer` is the key of a customer that is known before. An opportunity that was a lead, of the key `lead`, has
    none: it is opened by the lead's conversion, and its first step says as what.
    """

    key: str
    owner: Person
    company: str
    customer: str | None
    lead: str | None
    steps: tuple[Step, ...]


def deal_key(number: int) -> str:
    """The key of the company's opportunity of a number, counted from 1."""
    return f"D-{number:05d}"


class DealMaker:
    """Makes opportunities one after the other from one stream of chance."""

    def __init__(
        self, random: Random, organisation: Organisation, customers: list[dict[str, str]], calendar: Calendar
    ) -> None:
        self.random, self.organisation = random, organisation
        self.customers, self.calendar = customers, calendar

    def make(self, number: int) -> Deal:
        """One opportunity with everything that happens to it up to the company's last day."""
        random = self.random
        opened = self.calendar.working_instant(random)
        owner = random.choice(self.organisation.sellers_on(opened.date()))
        customer = random.choice(self.customers)
        line = random.choice(names.PRODUCT_LINES)
        dollars = random.random() < (0.7 if customer["country"] != "China" else USD_SHARE / 3)
        amount = self._price(line, dollars=dollars)
        opening = {
            "product_line": line,
            "channel": random.choice(CHANNEL_CODES),
            "amount": f"{amount:.2f}",
            "currency": "USD" if dollars else "CNY",
            "expected_close_on": str(opened.date() + timedelta(days=random.randrange(30, 90))),
        }
        life = self._life(opened, amount, opening["currency"])
        return self._deal(number, owner, customer, opened, opening, life)

    def make_of_lead(
        self, number: int, lead: str, owner: Person, company: str, at: datetime, known: dict[str, Any]
    ) -> Deal:
        """The opportunity that a lead becomes at an instant, with what is `known` of it: product line and channel."""
        amount = self._price(known["product_line"])
        opening = {
            **known,
            "amount": f"{amount:.2f}",
            "currency": "CNY",
            "expected_close_on": str(at.date() + timedelta(days=self.random.randrange(30, 90))),
        }
        steps = lived([Step("open", at, opening), *self._life(at, amount, "CNY")], self.calendar.end)
        return Deal(deal_key(number), owner, company, None, lead, steps)

    def make_won_on(self, number: int, owner: Person, day: date) -> Deal:
        """A small one that is won on a day, after a stay of some days in each stage."""
        random = self.random
        customer = random.choice(self.customers)
        line = random.choice(names.PRODUCT_LINES)
        amount = Decimal(round(PRICE[line] * random.uniform(0.3, 0.5), -2))
        won = datetime.combine(day, time(15), SHANGHAI)
        moments = [won - timedelta(days=days) for days in (40, 33, 22, 12)]
        opening = {
            "product_line": line,
            "channel": random.choice(CHANNEL_CODES),
            "amount": f"{amount:.2f}",
            "currency": "CNY",
            "expected_close_on": str(day),
        }
        life = [
            *(
                Step("change_stage", at, {"stage": stage})
                for at, stage in zip(moments[1:], STAGES[1:], strict=True)
            ),
            Step("win", won),
        ]
        return self._deal(number, owner, customer, moments[0], opening, life)

    def _deal(
        self,
        number: int,
        owner: Person,
        customer: dict[str, str],
        opened: datetime,
        opening: dict[str, Any],
        life: list[Step],
    ) -> Deal:
        steps = [Step("open", opened, opening), *self._hand_over(life, owner)]
        key = customer["external_id"]
        return Deal(deal_key(number), owner, customer["name"], key, None, lived(steps, self.calendar.end))

    def _price(self, line: str, *, dollars: bool = False) -> Decimal:
        return Decimal(round(PRICE[line] * self.random.lognormvariate(0, 0.5) / (7 if dollars else 1), -2))

    def _life(self, at: datetime, amount: Decimal, currency: str) -> list[Step]:
        """Stage after stage, with interactions on the way, to a win, a loss or silence."""
        steps: list[Step] = []
        for stage, following in zip(STAGES, (*STAGES[1:], None), strict=True):
            entered, at = at, self._talk(steps, at, DWELL_DAYS[stage] * self.random.lognormvariate(0, 0.6))
            self._object(steps, stage, entered, at)
            chance = self.random.random()
            if chance > ADVANCES[stage]:
                if self.random.random() > 0.85:
                    at += timedelta(days=self.random.uniform(5, 40))  # it lingers, and nobody says a word
                steps.append(Step("lose", at, {"reason_code": self.random.choice(LOSS_REASONS)}))
                break
            if following:
                steps.append(Step("change_stage", at, {"stage": following}))
                amount = self._haggle(steps, at, amount, currency)
            else:
                steps.append(Step("win", at, {}))
                self._collect(steps, at, amount, currency)
        return steps

    def _talk(self, steps: list[Step], at: datetime, days: float) -> datetime:
        """Interactions spread over a stay in a stage; the instant at which it ends.

        The customer answers most of what we send, within hours or some days; what stays unanswered is a silence. We
        answer nearly everything.
        """
        random, end = self.random, at + timedelta(days=days)
        for share in sorted(random.random() for _ in range(random.randrange(4))):
            kind = random.choice(("call", "call", "message", "email", *HELD))
            direction = "mutual" if kind in HELD else random.choice(("outbound", "outbound", "inbound"))
            said = at + timedelta(days=days * share)
            steps.append(Step("log_interaction", said, {"kind": kind, "direction": direction}))
            if direction == "outbound" and random.random() < 0.7:
                said += timedelta(hours=random.lognormvariate(2.2, 1.1))
                if said < end:
                    direction = "inbound"
                    steps.append(Step("log_interaction", said, {"kind": kind, "direction": direction}))
            if direction == "inbound" and random.random() < 0.97:
                said += timedelta(hours=random.lognormvariate(2.2, 1.0))
                steps.append(Step("log_interaction", said, {"kind": kind, "direction": "outbound"}))
        return end

    def _object(self, steps: list[Step], stage: str, entered: datetime, left: datetime) -> None:
        """An objection now and then. Most are answered within a day, some late, some never; an answer says to which
        objection of the opportunity, counted from 0.
        """
        random = self.random
        if random.random() >= OBJECTS[stage]:
            return
        raised = entered + (left - entered) * random.uniform(0.1, 0.9)
        earlier = sum(step.verb == "raise_objection" for step in steps)
        steps.append(Step("raise_objection", raised, {"objection_code": random.choice(OBJECTIONS)}))
        hours = random.choice((random.uniform(1, 22), random.uniform(1, 22), random.uniform(25, 90), None))
        if hours is not None:
            steps.append(Step("answer_objection", raised + timedelta(hours=hours), {"objection": earlier}))

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
