"""The opportunities service: customers, the pipeline, what happens with the customer, and what is paid."""

import feed
from opportunities.activities import api as activities
from opportunities.activities.shortcuts import shortcuts as activity_shortcuts
from opportunities.customers import api as customers
from opportunities.intake import api as intake
from opportunities.objections import api as objections
from opportunities.payments import api as payments
from opportunities.pipeline import api as pipeline
from opportunities.pipeline.shortcuts import shortcuts as pipeline_shortcuts
from opportunities.seeds import set_up
from opportunities.settings import OpportunitiesSettings
from opportunities.worker import workers
from runtime import Service

service = Service(
    name="opportunities",
    title="Attain opportunities 商机",
    description="Customers, pipelines, opportunities, interactions, objections and receipts.",
    routers=[
        customers.router,
        *pipeline.routers,
        activities.router,
        objections.router,
        payments.router,
        intake.router,
        feed.router,
    ],
    shortcuts=[*pipeline_shortcuts, *activity_shortcuts],
    settings=OpportunitiesSettings,
    workers=workers,
    migrations="opportunities.migrations.versions",
    setup=set_up,
)
