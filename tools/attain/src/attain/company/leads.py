"""The made-up company's leads: who asked, who spoke with them, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from attain.company import names
from attain.company.calendar import Calendar
from attain.company.organisation import Organisation, Person
from attain.company.sources import CHANNELS, Channel, Sources
from attain.company.steps import SHANGHAI, Step, lived

LEVELS = ("a", "b", "c")
DISCARDED = 0.6
"""How often a lead that does not convert is discarded; the others linger until they fall into the pool."""

UNTOUCHED = timedelta(days=31)
"""On which day after its last contact a lead falls into the pool: 30 whole days have passed (the default rule)."""

TOUCHES = ("capture", "assign", "log_contact")
TAKEN_UP = 0.6
"""How often somebody takes up what fell into the pool."""

DISCARD_REASONS = ("no_need", "no_need", "no_budget", "chose_competitor", "wrong_number", "not_a_company")
KNOWN_COMPANY = 0.35
"""How often the asking company is a customer already."""

UNCONTACTED = 0.06
WAITS = 0.08
"""How often a lead has no owner at first, and is given to somebody on a later day."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead's life; its first step captures it. `converts_at`: when it becomes an opportunity, which is not a step of
    its own, for the opportunity's opening says as what."""

    key: str
    company: str
    owner: Person
    steps: tuple[Step, ...]
    converts_at: datetime | None

    @property
    def known(self) -> dict[str, Any]:
        """What its opportunity takes over."""
        return {name: self.steps[0].body[name] for name in ("product_line", "channel")}


class LeadMaker:
    """Makes leads one after the other from one stream of chance."""

    def __init__(
        self,
        random: Random,
        organisation: Organisation,
        customers: list[dict[str, str]],
        sources: Sources,
        calendar: Calendar,
        room: int,
    ) -> None:
        """`room`: how many leads may become opportunities."""
        self.room = room
        self.random, self.organisation, self.customers = random, organisation, customers
        self.sources, self.calendar = sources, calendar

    def make(self, number: int) -> Lead:
        """One lead with everything that happens to it up to the company's last day."""
        random = self.random
        captured = self.calendar.working_instant(random)
        channel = random.choices(CHANNELS, [each.share for each in CHANNELS])[0]
        owner = random.choice(self._sellers(captured))
        body = self._capture(number, channel, captured)
        steps = [Step("capture", captured, body)]
        if random.random() < WAITS:
            at = captured + timedelta(hours=random.uniform(2, 30))
            steps.append(Step("assign", at, {"owner": owner.code}))
        else:
            body["owner"] = owner.code
            at = captured
        converts_at = None
        if self.room and random.random() < channel.converts:
            converts_at = self._win_over(steps, at)
            if converts_at < self.calendar.end:
                self.room -= 1
            else:
                converts_at = None
        else:
            if random.random() >= UNCONTACTED:
                self._work(steps, at)
            self._leave(steps, owner)
        return Lead(f"L-{number:05d}", body["company"], owner, lived(steps, self.calendar.end), converts_at)

    def _sellers(self, at: datetime) -> list[Person]:
        """The sellers of the day who stay with the company."""
        return [person for person in self.organisation.sellers_on(at.date()) if person.left_on is None]

    def _capture(self, number: int, channel: Channel, at: datetime) -> dict[str, Any]:
        random = self.random
        body = {
            "channel": channel.code,
            "company": self._company(number),
            "contact_name": "".join(random.choice(each)[0] for each in (names.SURNAMES, names.GIVEN_NAMES)),
            "phone": _phone(number),
            "product_line": random.choice(names.PRODUCT_LINES),
            "level": random.choice(LEVELS),
        }
        if random.random() < 0.4:
            body["email"] = f"contact-{number:05d}@example.com"
        campaigns = self.sources.campaigns_on(channel.code, at.date())
        if campaigns and random.random() < 0.7:
            body["campaign"] = random.choice(campaigns).code
        return body

    def _company(self, number: int) -> str:
        random = self.random
        if random.random() < KNOWN_COMPANY:
            return random.choice(self.customers)["name"]
        (city, city_en), (place, place_en) = random.choice(names.CITIES), random.choice(names.PLACES)
        trade, trade_en, _ = random.choice(names.TRADES)
        return f"{city}{place}{trade}有限公司 {city_en} {place_en} {trade_en}"

    def _contact(self, steps: list[Step], at: datetime) -> datetime:
        """Tries until somebody answers: the first time mostly within a day, some later. The instant of the last one."""
        random = self.random
        at += timedelta(hours=random.lognormvariate(1.5, 1.2))
        while random.random() < 0.25:
            steps.append(_contact(at, random.choice(("call", "call", "message")), "no_answer"))
            at += timedelta(hours=random.uniform(3, 40))
        steps.append(_contact(at, random.choice(("call", "call", "message", "email")), "completed"))
        return at

    def _warm(self, steps: list[Step], at: datetime, intents: tuple[str, ...]) -> datetime:
        """The intent becomes clear, and some meet: now and then only at the second date."""
        random = self.random
        at += timedelta(minutes=random.randrange(5, 300))
        known = [step.body["intent"] for step in steps if step.verb == "change_intent"]
        intent = random.choice(intents)
        if intent not in known[-1:]:
            steps.append(Step("change_intent", at, {"intent": intent}))
        if random.random() < (0.9 if "low" not in intents else 0.35):
            at += timedelta(days=random.uniform(1, 9))
            kind = random.choice(("visit", "visit", "meeting", "demo"))
            if random.random() < 0.2:
                steps.append(_contact(at, kind, "postponed"))
                at += timedelta(days=random.uniform(2, 6))
            steps.append(_contact(at, kind, "completed"))
        return at

    def _win_over(self, steps: list[Step], at: datetime) -> datetime:
        """Contacts, a visit, and the decision that it is worth an opportunity; the instant of its conversion."""
        at = self._warm(steps, self._contact(steps, at), ("medium", "high", "high"))
        at += timedelta(hours=self.random.uniform(1, 48))
        steps.append(Step("qualify", at))
        return at + timedelta(days=self.random.uniform(0.1, 6))

    def _discard(self, steps: list[Step], at: datetime) -> None:
        reason = self.random.choice(DISCARD_REASONS)
        at += timedelta(days=self.random.uniform(0.1, 20))
        steps.append(Step("discard", at, {"reason_code": reason}))

    def _work(self, steps: list[Step], at: datetime) -> None:
        """Contacts that come to nothing, or to nothing yet."""
        at = self._contact(steps, at)
        if self.random.random() < DISCARDED:
            self._discard(steps, at)
        else:
            self._warm(steps, at, ("low", "medium", "medium", "high"))

    def _leave(self, steps: list[Step], owner: Person) -> None:
        """What nobody speaks with for a month falls into the pool, and mostly somebody else takes it up.

        Who claims a lead does so for themselves, at once: told afterwards, it is an assignment.
        """
        random, end = self.random, self.calendar.end
        while steps[-1].verb != "discard":
            touched = max(step.at for step in steps if step.verb in TOUCHES)
            due = datetime.combine(touched.date() + UNTOUCHED, time(), SHANGHAI)
            if due > end:
                return
            steps.append(Step("release", min(due, end - timedelta(minutes=1)), {"reason_code": "no_contact"}))
            at = due + timedelta(days=random.uniform(0.5, 20))
            if at >= end or random.random() >= TAKEN_UP:
                return
            owner = random.choice([person for person in self._sellers(at) if person != owner])
            steps.append(Step("assign", at, {"owner": owner.code}))
            self._work(steps, at)


def _contact(at: datetime, kind: str, outcome: str) -> Step:
    return Step("log_contact", at, {"kind": kind, "outcome": outcome})


def _phone(number: int) -> str:
    """A number of the length of a mobile one, under a prefix that no operator has: it rings with nobody."""
    return f"160 {number // 10_000:04d} {number % 10_000:04d}"
