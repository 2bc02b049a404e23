"""Reading the definition of a valid lead."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.leads import ValidityDefined
from leads.validity.tables import VALID_LEAD, Validity, ValidityVersion
from leads.validity.views import ValidityView

ROOT = f"validity:{VALID_LEAD}"


async def versions(session: AsyncSession) -> list[ValidityDefined]:
    """Every version, the newest first."""
    found = await session.scalars(select(ValidityVersion).order_by(col(ValidityVersion.version).desc()))
    return [row.defined() for row in found]


async def list_versions(session: AsyncSession) -> list[ValidityView]:
    """Every version as it is answered, the newest first."""
    validity = await session.get_one(Validity, VALID_LEAD)
    found = await session.scalars(select(ValidityVersion).order_by(col(ValidityVersion.version).desc()))
    return [
        ValidityView(
            **row.defined().model_dump(exclude={"validity"}),
            defined_at=row.defined_at,
            version=validity.version,
            token=validity.token,
        )
        for row in found
    ]
