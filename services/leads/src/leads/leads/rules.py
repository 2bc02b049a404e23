"""What may be done with a lead: each rule returns the fact, or refuses and says what would be allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.leads import (
    FIRST_VISIT_KINDS,
    ContactKind,
    ContactLogged,
    ContactOutcome,
    Intent,
    KnownClose,
    Lead,
    LeadAssigned,
    LeadCaptured,
    LeadChanged,
    LeadConverted,
    LeadDiscarded,
    LeadIntentChanged,
    LeadOutcomeLearnt,
    LeadQualified,
    LeadReleased,
    LeadState,
    Outcome,
    ValidityDefined,
)
from leads.leads.identity import (
    DEFAULT_REGION,
    Identity,
    identities,
    normalised_credit_code,
    normalised_email,
    normalised_phone,
)
from leads.leads.refusals import (
    CreditCodeMalformed,
    EmailImpossible,
    IntentUnchanged,
    LeadClosed,
    LeadQualifiedAlready,
    LeadWithoutOwner,
    OwnerUnchanged,
    PhoneImpossible,
)
from leads.validity.rules import Facts, is_valid

OPEN = frozenset({LeadState.open, LeadState.qualified})
MANUAL, CLAIM, IMPORT = "manual", "claim", "import"
"""What stands as the rule where a person, a claim or a file decided."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead as its rules see it: what its facts say, and what only its row knows."""

    lead: Lead
    captured_at: datetime
    reachable: bool
    discard_reason: str | None = None
    contacted: bool = False
    visited: bool = False

    def fact[L: Lead](self, kind: type[L], **changes: Any) -> L:
        """The lead as it stands, with what the fact changes. A fact is live unless it says `imported`."""
        attributes = {name: getattr(self.lead, name) for name in Lead.model_fields}
        return kind(**{**attributes, "imported": False, **changes})

    def after(self, event: Lead) -> "Standing":
        """How it stands once the fact is recorded; a further fact of the same request builds on it."""
        reason = event.reason_code if isinstance(event, LeadDiscarded) else self.discard_reason
        contact = event if isinstance(event, ContactLogged) else None
        return replace(
            self,
            lead=event,
            discard_reason=reason,
            contacted=self.contacted or contact is not None,
            visited=self.visited or bool(contact and contact.first_visit),
        )

    def require_open(self) -> None:
        """Refuses what can only be done while the lead is worked on."""
        if self.lead.state not in OPEN:
            raise LeadClosed(state=self.lead.state.value)


@dataclass(frozen=True, slots=True)
class Reached:
    """How the contact can be reached and the company is known, normalised."""

    phone: str | None
    email: str | None
    credit_code: str | None

    @property
    def reachable(self) -> bool:
        """Whether there is a phone number or address that is possible."""
        return bool(self.phone or self.email)

    @property
    def identities(self) -> list[Identity]:
        """What the lead is known as."""
        return identities(self.phone, self.email, self.credit_code)


UNREACHABLE = (PhoneImpossible, EmailImpossible, CreditCodeMalformed)
"""What `reach` refuses."""


def reach(
    phone: str | None, email: str | None, credit_code: str | None, region: str = DEFAULT_REGION
) -> Reached:
    """The normalised values; refuses what cannot be a number, an address or a code."""
    return Reached(
        phone=_known(
            phone,
            normalised_phone(phone, region) if phone else None,
            PhoneImpossible(pointer="/phone", region=region),
        ),
        email=_known(email, normalised_email(email) if email else None, EmailImpossible(pointer="/email")),
        credit_code=_known(
            credit_code,
            normalised_credit_code(credit_code) if credit_code else None,
            CreditCodeMalformed(pointer="/credit_code"),
        ),
    )


def _known(given: str | None, normalised: str | None, refusal: Exception) -> str | None:
    if given and normalised is None:
        raise refusal
    return normalised


def capture(
    lead_id: UUID,
    definition: ValidityDefined,
    *,
    captured_on: date,
    reachable: bool,
    channel: str,
    owner_id: UUID | None = None,
    campaign: str | None = None,
    company: str | None = None,
    credit_code: str | None = None,
    product_line: str | None = None,
    level: str | None = None,
    intent: Intent = Intent.unknown,
    imported: bool = False,
) -> LeadCaptured:
    """A new lead, judged by the version of the definition that is in force on its day."""
    return LeadCaptured(
        lead_id=lead_id,
        owner_id=owner_id,
        channel=channel,
        campaign=campaign,
        company=company,
        credit_code=credit_code,
        product_line=product_line,
        level=level,
        intent=intent,
        state=LeadState.open,
        captured_on=captured_on,
        valid=is_valid(Facts(reachable, company), definition),
        validity_version=definition.validity_version,
        imported=imported,
    )


CHANGEABLE = frozenset({"channel", "campaign", "company", "credit_code", "product_line", "level"})
"""The attributes of a lead's facts that a change takes; who the contact is stands in the row alone."""


def change(
    lead: Standing,
    wanted: Mapping[str, Any],
    definition: ValidityDefined,
    *,
    reachable: bool,
    imported: bool = False,
) -> list[LeadChanged]:
    """The fact of what differs, or of another judgement; none where neither is so."""
    differing = {name: value for name, value in wanted.items() if value != getattr(lead.lead, name)}
    company = differing.get("company", lead.lead.company)
    valid = is_valid(Facts(reachable, company, discard_reason=lead.discard_reason), definition)
    if not differing and valid == lead.lead.valid:
        return []
    lead.require_open()
    judged = {"valid": valid, "validity_version": definition.validity_version}
    return [lead.fact(LeadChanged, **differing, **judged, imported=imported)]


def mention_change(lead: Standing) -> LeadChanged:
    """The fact that something changed that facts do not carry: who the contact is."""
    return lead.fact(LeadChanged)


def change_intent(lead: Standing, intent: Intent, *, imported: bool = False) -> LeadIntentChanged:
    """Another judgement of how likely the contact means to buy (S73); the former one stays in the history."""
    lead.require_open()
    if intent == lead.lead.intent:
        raise IntentUnchanged(pointer="/intent", intent=intent.value)
    return lead.fact(LeadIntentChanged, intent=intent, previous_intent=lead.lead.intent, imported=imported)


def qualify(lead: Standing, *, imported: bool = False) -> LeadQualified:
    """The lead is worth working on."""
    lead.require_open()
    if lead.lead.state == LeadState.qualified:
        raise LeadQualifiedAlready()
    return lead.fact(LeadQualified, state=LeadState.qualified, imported=imported)


def discard(
    lead: Standing, reason_code: str, definition: ValidityDefined, *, imported: bool = False
) -> LeadDiscarded:
    """It comes to nothing; some reasons say that it was no valid lead."""
    lead.require_open()
    valid = is_valid(Facts(lead.reachable, lead.lead.company, discard_reason=reason_code), definition)
    return lead.fact(
        LeadDiscarded,
        state=LeadState.discarded,
        reason_code=reason_code,
        valid=valid,
        validity_version=definition.validity_version,
        imported=imported,
    )


def assign(
    lead: Standing, owner_id: UUID, rule: str, rule_version: int | None = None, *, imported: bool = False
) -> LeadAssigned:
    """Gives it to a person; the fact says which rule decided."""
    lead.require_open()
    if owner_id == lead.lead.owner_id:
        raise OwnerUnchanged(pointer="/owner_id", owner=owner_id)
    return lead.fact(
        LeadAssigned,
        owner_id=owner_id,
        previous_owner_id=lead.lead.owner_id,
        rule=rule,
        rule_version=rule_version,
        imported=imported,
    )


def release(
    lead: Standing, reason_code: str, rule: str = MANUAL, rule_version: int | None = None
) -> LeadReleased:
    """Back to the pool (公海), for anybody to claim."""
    lead.require_open()
    if lead.lead.owner_id is None:
        raise LeadWithoutOwner()
    return lead.fact(
        LeadReleased,
        owner_id=None,
        previous_owner_id=lead.lead.owner_id,
        rule=rule,
        rule_version=rule_version,
        reason_code=reason_code,
    )


def log_contact(
    lead: Standing,
    contact_id: UUID,
    *,
    kind: ContactKind,
    outcome: ContactOutcome,
    at: datetime,
    logged_by_id: UUID | None,
    imported: bool = False,
) -> ContactLogged:
    """A contact, or the attempt; also with a lead that is closed, for the person is still there.

    The first one, whatever came of it, ends the first response time; the first completed visit, meeting or demo
    is the first visit (S62).
    """
    visit = kind in FIRST_VISIT_KINDS and outcome == ContactOutcome.completed and not lead.visited
    response = None if lead.contacted else max(0, int((at - lead.captured_at).total_seconds()))
    return lead.fact(
        ContactLogged,
        contact_id=contact_id,
        contact_kind=kind,
        outcome=outcome,
        logged_by_id=logged_by_id,
        first_response_seconds=response,
        first_visit=visit,
        imported=imported,
    )


def convert(
    lead: Standing,
    opportunity_id: UUID,
    *,
    amount: Decimal | None,
    currency: str,
    expected_close_on: date | None = None,
    closed: KnownClose | None = None,
    imported: bool = False,
) -> LeadConverted:
    """It becomes an opportunity, which the opportunities service opens."""
    lead.require_open()
    if lead.lead.owner_id is None:
        raise LeadWithoutOwner()
    return lead.fact(
        LeadConverted,
        state=LeadState.converted,
        opportunity_id=opportunity_id,
        amount=amount,
        currency=currency,
        expected_close_on=expected_close_on,
        closed=closed,
        imported=imported,
    )


def learn_outcome(
    lead: Standing,
    opportunity_id: UUID,
    outcome: Outcome,
    *,
    amount: Decimal | None,
    currency: str,
    imported: bool,
) -> LeadOutcomeLearnt:
    """What became of the opportunity."""
    return lead.fact(
        LeadOutcomeLearnt,
        opportunity_id=opportunity_id,
        outcome=outcome,
        amount=amount,
        currency=currency,
        imported=imported,
    )
