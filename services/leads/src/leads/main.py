"""The leads service 线索: channels and their cost, leads, and who works on them."""

import feed
from leads.assignment import api as assignment
from leads.intake import api as intake
from leads.leads import api as leads
from leads.seeds import set_up
from leads.settings import LeadsSettings
from leads.sources import api as sources
from leads.validity import api as validity
from leads.worker import workers
from runtime import Service

service = Service(
    name="leads",
    title="Attain leads 线索",
    description="Channels, campaigns and their cost, leads, contacts, assignment and the pool.",
    routers=[sources.router, validity.router, intake.router, assignment.router, leads.router, feed.router],
    settings=LeadsSettings,
    workers=workers,
    migrations="leads.migrations.versions",
    setup=set_up,
)
