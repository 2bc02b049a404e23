"""The leads service 线索: channels and their cost, leads, and who works on them."""

from sqlalchemy.ext.asyncio import AsyncSession

from leads.reactions import directory_projector
from leads.settings import LeadsSettings
from leads.worker import workers
from messaging import ensure_current
from runtime import Service


async def set_up(_session: AsyncSession, settings: LeadsSettings) -> None:
    """Makes the tables of the directory."""
    await ensure_current(directory_projector(settings))


service = Service(
    name="leads",
    title="Attain leads 线索",
    description="Channels, campaigns and their cost, leads, contacts, assignment and the pool.",
    settings=LeadsSettings,
    workers=workers,
    migrations="leads.migrations.versions",
    setup=set_up,
)
