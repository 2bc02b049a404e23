"""The targets service: who is who, when is when, what is counted, and what is aimed at."""

import feed
from runtime import Service
from targets.calendar import api as calendar_api
from targets.metrics import api as metrics_api
from targets.organisation import api as organisation_api
from targets.plans import api as plans_api
from targets.settings import TargetsSettings
from targets.setup import setup
from targets.worker import workers

service = Service(
    name="targets",
    title="Attain targets 目标",
    description="Organisation, calendar, metrics and targets.",
    routers=[
        *organisation_api.routers,
        calendar_api.router,
        metrics_api.router,
        plans_api.router,
        feed.router,
    ],
    settings=TargetsSettings,
    workers=workers,
    migrations="targets.migrations.versions",
    setup=setup,
)
