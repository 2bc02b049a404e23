"""What a new database begins with."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.leads import Requirement
from leads.assignment.actions import define_pool_rule
from leads.assignment.commands import DefinePoolRule
from leads.assignment.tables import PoolRule
from leads.reactions import directory_projector
from leads.settings import LeadsSettings
from leads.validity.actions import define_validity
from leads.validity.commands import DefineValidity
from leads.validity.queries import versions
from messaging import ensure_current
from runtime import Precondition

BY = "attain-setup"

VALID_LEAD = DefineValidity(
    requirements=list(Requirement),
    invalid_reasons=["wrong_number", "not_a_company", "test_data"],
    effective_on=date(2000, 1, 1),
)
UNTOUCHED = "untouched-30-days"


async def set_up(session: AsyncSession, settings: LeadsSettings) -> None:
    """Defines what a valid lead is and when one falls into the pool, unless that is defined, and makes the tables
    of the directory.
    """
    await ensure_current(directory_projector(settings))
    if not await versions(session):
        await define_validity(
            session, VALID_LEAD, Precondition(None), earliest=VALID_LEAD.effective_on, by=BY
        )
    if await session.get(PoolRule, UNTOUCHED) is None:
        rule = DefinePoolRule(name_en="Untouched for 30 days", name_zh="30 天未联系", after_days=30)
        await define_pool_rule(session, UNTOUCHED, rule, Precondition(None), by=BY)
