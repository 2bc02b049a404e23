"""The made-up company's facts without HTTP: its steps through the rules of the services, sealed as they seal them.

The rows are those of a ledger, for `COPY`. A test plays the same company through the APIs and compares.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from attain.company.deals import Deal
from attain.company.plan import Company
from attain.company.steps import Step
from contracts import Event, Role, root_of, seal
from contracts.declaration import subject_of
from contracts.opportunities import (
    CustomerOpened,
    InteractionDirection,
    InteractionKind,
    LossReason,
    OpportunityOpened,
)
from contracts.opportunities import (
    Deal as Fact,
)
from contracts.targets import (
    MembershipChanged,
    PersonHired,
    PersonLeft,
    RateSet,
    UnitCreated,
)
from messaging.topics import partition_of
from opportunities.activities.rules import log_interaction
from opportunities.objections.rules import answer_objection, raise_objection
from opportunities.payments.rules import record_receipt
from opportunities.pipeline import rules
from opportunities.pipeline.rules import Standing, State
from opportunities.seeds import DEFAULT
from targets.metrics.seed import built_in

_NAMESPACE = UUID("0197a3c0-5a00-7b11-9c52-6f2d0d2e01ff")

BY = "bench"

PIPELINE = rules.define_pipeline(
    DEFAULT.code, 1, name_en=DEFAULT.name_en, name_zh=DEFAULT.name_zh, stages=DEFAULT.stages
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a ledger, by column name as the relay reads it."""

    topic: str
    partition: int
    root: str
    sequence: int
    event_id: UUID
    type: str
    subject: str
    occurred_at: datetime
    recorded_at: datetime
    traceparent: str | None
    envelope: bytes

    def __getitem__(self, column: str) -> Any:
        return getattr(self, column)


@dataclass
class Telling:
    """Numbers the facts of each root as its owner does, and seals them."""

    sequences: dict[str, int] = field(default_factory=dict)

    def row(self, event: Event, at: datetime) -> Row:
        root = root_of(event)
        sequence = self.sequences[root] = self.sequences.get(root, 0) + 1
        id = born(at, f"{root}@{sequence}")
        envelope = seal(event, event_id=id, occurred_at=at, recorded_at=at, sequence=sequence, by=BY)
        return Row(
            event.topic,
            partition_of(root),
            root,
            sequence,
            id,
            event.type,
            subject_of(event),
            at,
            at,
            None,
            envelope,
        )


def id_of(kind: str, key: str) -> UUID:
    """The id of a thing of the company, by its key."""
    return uuid5(_NAMESPACE, f"{kind} {key}")


def born(at: datetime, name: str) -> UUID:
    """A UUIDv7 like those that the services give: of the instant, and in place of chance of the name. How near to each
    other in an index the things of one time lie follows from it.
    """
    milliseconds, chance = int(at.timestamp() * 1000), uuid5(_NAMESPACE, name).int
    return UUID(int=milliseconds << 80 | 0x7 << 76 | chance & ~(0xF << 76) & (1 << 80) - 1)


def frame(company: Company, telling: Telling) -> Iterator[Row]:
    """What stands before the first opportunity: organisation, rates, metrics, pipeline, customers."""
    tell = partial(telling.row, at=datetime.combine(company.organisation.first_day, time(0), UTC))
    for unit in company.organisation.units:
        yield tell(
            UnitCreated(
                unit_id=id_of("unit", unit.code),
                code=unit.code,
                name=unit.name,
                kind=unit.kind,
                parent_id=id_of("unit", unit.parent) if unit.parent else None,
                manager_id=id_of("person", unit.manager) if unit.manager else None,
                region=unit.region,
                effective_on=company.organisation.first_day,
            )
        )
    for person in company.organisation.people:
        yield from map(tell, _career(person))
    for rate in company.rates:
        effective_on = date.fromisoformat(rate["effective_on"])
        yield tell(
            RateSet(
                currency=rate["currency"],
                reporting_currency="CNY",
                rate=Decimal(rate["rate"]),
                effective_on=effective_on,
            )
        )
    for metric in built_in():
        yield tell(metric.fact(1))
    yield tell(PIPELINE)
    for customer in company.customers:
        yield tell(
            CustomerOpened(
                customer_id=id_of("customer", customer["external_id"]),
                name=customer["name"],
                sector=customer["sector"],
                country=customer["country"],
                parent_id=None,
                owner_id=None,
            )
        )


def _career(person: Any) -> Iterator[Event]:
    id = id_of("person", person.code)
    yield PersonHired(
        person_id=id,
        code=person.code,
        display_name=person.name,
        role=Role(person.role),
        hired_on=person.hired_on,
    )
    yield MembershipChanged(person_id=id, unit_id=id_of("unit", person.unit), effective_on=person.hired_on)
    if person.moves_to:
        yield MembershipChanged(
            person_id=id, unit_id=id_of("unit", person.moves_to), effective_on=person.moved_on
        )
    if person.left_on:
        yield PersonLeft(person_id=id, left_on=person.left_on)


def life(deal: Deal, telling: Telling) -> Iterator[Row]:
    """An opportunity's facts, in their order."""
    opening = _opened(deal)
    row = telling.row(opening, deal.steps[0].at)
    yield row
    standing = Standing(opening, State.open, row.event_id)
    objections: list[str] = []
    for number, step in enumerate(deal.steps[1:]):
        thing = born(step.at, f"{step.verb} {deal.key} {number}")
        for fact in _facts(step, standing, thing, objections):
            yield telling.row(fact, step.at)
            standing = standing.after(fact)


def _opened(deal: Deal) -> OpportunityOpened:
    body = deal.steps[0].body
    return rules.open_opportunity(
        born(deal.steps[0].at, f"opportunity {deal.key}"),
        PIPELINE,
        owner_id=id_of("person", deal.owner.code),
        currency=body["currency"],
        customer_id=id_of("customer", deal.customer) if deal.customer else None,
        product_line=body["product_line"],
        channel=body["channel"],
        amount=Decimal(body["amount"]),
        expected_close_on=date.fromisoformat(body["expected_close_on"]),
    )


def _facts(step: Step, now: Standing, thing: UUID, objections: list[str]) -> Sequence[Fact]:
    """What a step makes of an opportunity that stands so. `objections` are the codes raised so far."""
    body = step.body
    match step.verb:
        case "change_stage":
            return [rules.change_stage(now, PIPELINE, body["stage"])]
        case "change":
            return rules.change(now, {"amount": Decimal(body["amount"]), "currency": body["currency"]})
        case "change_owner":
            return rules.change_owner(now, id_of("person", body["owner"]))
        case "win":
            return [rules.win(now, PIPELINE)]
        case "lose":
            return [rules.lose(now, LossReason(body["reason_code"]))]
        case "log_interaction":
            kind, direction = InteractionKind(body["kind"]), InteractionDirection(body["direction"])
            return [log_interaction(now, thing, kind=kind, direction=direction, logged_by_id=None)]
        case "record_receipt":
            amount = Decimal(body["amount"])
            return [record_receipt(now, thing, amount=amount, currency=body["currency"])]
        case "raise_objection":
            objections.append(body["objection_code"])
            return [raise_objection(now, thing, body["objection_code"])]
        case "answer_objection":
            code = objections[body["objection"]]
            return [answer_objection(now, thing, code, answered_at=None, answered_by_id=None)]
    raise ValueError(f"no step {step.verb}")
