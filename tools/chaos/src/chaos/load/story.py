"""What clients ask for, made from the seed alone: the lives of opportunities and leads, request by request. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

OPPORTUNITIES, LEADS = "opportunities", "leads"
CHANNEL = "chaos"
STAGES = ("intent", "proposal", "contract")
_CLOSED_SOON = "2027-06-30"


@dataclass(frozen=True, slots=True)
class Company:
    """Whom and what requests may name."""

    people: Sequence[str]
    customers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Step:
    """A request of a life. `path` may name `{root}`, which the first answer gives.

    `makes` is the type of the one fact that it makes. `keyed`: it carries an Idempotency-Key and is repeated until
    its answer is known; otherwise a lost answer stays unknown, and the life ends there.
    """

    service: str
    path: str
    body: dict[str, Any]
    makes: str
    keyed: bool = True
    opens: str | None = None
    """The field of the answer that names the root of what follows."""
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Life:
    """Requests that follow on each other; a refusal or a lost answer ends it."""

    name: str
    steps: tuple[Step, ...] = field(default=())


def lives(seed: int, client: int, company: Company) -> Iterator[Life]:
    """The endless lives of one client: the same for the same seed, whatever becomes of them."""
    random = Random(f"{seed} client {client}")
    number = 0
    while True:
        tell = _lead if random.random() < 0.3 else _opportunity
        yield Life(f"{client}.{number}", tuple(tell(random, company)))
        number += 1


def opening(service: str, random: Random, company: Company) -> Step:
    """A request to `service` that depends on no other and is repeated until its answer is known."""
    first = next(_lead(random, company) if service == LEADS else _opportunity(random, company))
    return replace(first, keyed=True)


def verb(random: Random, name: str, body: dict[str, Any], fact: str, *, keyed: bool | None = None) -> Step:
    """A verb on an opportunity."""
    return Step(
        OPPORTUNITIES,
        f"/v1/opportunities/{{root}}/{name}",
        body,
        f"opportunities.{fact}.v1",
        keyed=random.random() < 0.9 if keyed is None else keyed,
        pause=random.uniform(0.0, 0.4),
    )


def interaction(random: Random, *, keyed: bool | None = None) -> Step:
    """Logs a call, a visit or a mail."""
    kind = random.choice(("call", "visit", "email", "demo"))
    return verb(
        random, "interactions", {"kind": kind, "direction": "outbound"}, "interaction.logged", keyed=keyed
    )


def _opportunity(random: Random, company: Company) -> Iterator[Step]:
    owner = random.randrange(len(company.people))
    yield Step(
        OPPORTUNITIES,
        "/v1/opportunities",
        {
            "title": "Load",
            "owner_id": company.people[owner],
            "customer_id": random.choice(company.customers),
            "amount": f"{random.randrange(100, 100_000)}.{random.randrange(100):02d}",
            "currency": "CNY",
            "expected_close_on": _CLOSED_SOON,
        },
        "opportunities.opportunity.opened.v1",
        keyed=random.random() < 0.9,
        opens="id",
    )
    yield from _work(random, company, owner)


def _work(random: Random, company: Company, owner: int) -> Iterator[Step]:
    reached = random.randrange(len(STAGES) + 1)
    for stage in STAGES[:reached]:
        for _ in range(random.randrange(2)):
            yield interaction(random)
        yield verb(random, "change-stage", {"stage": stage}, "opportunity.stage_changed")
    if random.random() < 0.3:
        heir = (owner + 1 + random.randrange(len(company.people) - 1)) % len(company.people)
        yield verb(random, "change-owner", {"owner_id": company.people[heir]}, "opportunity.owner_changed")
    if reached == len(STAGES):
        yield verb(random, "win", {}, "opportunity.won")
        for _ in range(random.randrange(3)):
            yield verb(random, "receipts", {"amount": f"{random.randrange(1, 5_000)}.00"}, "receipt.recorded")
        if random.random() < 0.15:
            yield verb(
                random, "void", {"undone": "win", "reason_code": "entered_by_mistake"}, "opportunity.voided"
            )
    elif random.random() < 0.5:
        yield verb(random, "lose", {"reason_code": "strong_competitor"}, "opportunity.lost")
        if random.random() < 0.4:
            yield verb(random, "reopen", {"reason_code": "customer_returned"}, "opportunity.reopened")
            yield interaction(random)


def _lead(random: Random, company: Company) -> Iterator[Step]:
    owner = random.randrange(len(company.people))

    def of_lead(name: str, body: dict[str, Any], fact: str, opens: str | None = None) -> Step:
        path = f"/v1/leads/{{root}}/{name}"
        return Step(
            LEADS, path, body, f"leads.{fact}.v1", random.random() < 0.9, opens, random.uniform(0.0, 0.4)
        )

    yield Step(
        LEADS,
        "/v1/leads",
        {"channel": CHANNEL, "contact_name": "Load", "owner_id": company.people[owner], "intent": "high"},
        "leads.lead.captured.v1",
        keyed=random.random() < 0.9,
        opens="id",
    )
    for _ in range(random.randrange(3)):
        yield of_lead("contacts", {"kind": random.choice(("call", "visit"))}, "contact.logged")
    yield of_lead("qualify", {}, "lead.qualified")
    if random.random() < 0.2:
        yield of_lead("discard", {"reason_code": "no_need"}, "lead.discarded")
        return
    amount = f"{random.randrange(100, 100_000)}.00"
    yield of_lead("convert", {"amount": amount, "currency": "CNY"}, "lead.converted", opens="opportunity_id")
    yield interaction(random)
    yield verb(random, "change-stage", {"stage": STAGES[0]}, "opportunity.stage_changed")
    if random.random() < 0.7:
        yield verb(random, "lose", {"reason_code": "late_follow_up"}, "opportunity.lost")
