"""Defining what a valid lead is."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from leads.validity import rules
from leads.validity.commands import DefineValidity
from leads.validity.tables import VALID_LEAD, Validity, ValidityVersion
from messaging import record
from runtime import Precondition
from runtime.saving import take_turns


async def define_validity(
    session: AsyncSession, command: DefineValidity, precondition: Precondition, *, earliest: date, by: str
) -> Validity:
    """Defines the next version."""
    await take_turns(session, "validity", [VALID_LEAD])
    validity = await session.get(Validity, VALID_LEAD, with_for_update=True)
    if validity is None:
        validity = Validity(code=VALID_LEAD)
        session.add(validity)
    else:
        precondition.check(validity.version)
    defined = rules.define_validity(validity.current_version + 1, earliest=earliest, **command.model_dump())
    record(session, validity, defined, by=by)
    validity.current_version = defined.validity_version
    session.add(
        ValidityVersion(
            version=defined.validity_version,
            effective_on=defined.effective_on,
            definition=defined.model_dump(mode="json"),
            defined_at=validity.latest,
        )
    )
    return validity
