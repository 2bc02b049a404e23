"""The targets service: who is who, when is when, what is counted, and what is aimed at."""

from runtime import Service
from targets.organisation import api as organisation_api

service = Service(
    name="targets",
    title="Attain targets 目标",
    description="Organisation, calendar, metrics and targets.",
    routers=[*organisation_api.routers],
    migrations="targets.migrations.versions",
)
