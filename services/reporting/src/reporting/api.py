"""All that reporting answers over HTTP, room by room."""

from reporting import freshness
from reporting.attainment import api as attainment
from reporting.channels import api as channels
from reporting.cycle import api as cycle
from reporting.funnels import api as funnels
from reporting.health import api as health
from reporting.leads import api as leads
from reporting.metrics import api as metrics
from reporting.pipeline import api as pipeline
from reporting.proof import api as proof
from reporting.readings import api as readings

routers = (
    attainment.router,
    funnels.router,
    cycle.router,
    pipeline.router,
    metrics.router,
    readings.router,
    leads.router,
    channels.router,
    health.router,
    proof.router,
    freshness.router,
)
