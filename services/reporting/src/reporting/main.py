"""The reporting service 报表: what was achieved, where the pipeline stands and leaks, now and at any past instant."""

import feed
from reporting.api import routers
from reporting.attainment.quick import quick_reads
from reporting.projector import SCHEMA
from reporting.settings import ReportingSettings
from reporting.worker import create_projection, workers
from runtime import Service

service = Service(
    name="reporting",
    title="Attain reporting 报表",
    description="Attainment, funnels, cycle and opportunities, from the facts that all services state.",
    routers=[*routers, feed.router],
    quick_reads=quick_reads,
    settings=ReportingSettings,
    workers=workers,
    migrations="reporting.migrations.versions",
    setup=create_projection,
    reading_schema=SCHEMA,
)
