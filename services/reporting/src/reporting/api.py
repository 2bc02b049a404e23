"""All that reporting answers over HTTP, room by room."""

from reporting import freshness
from reporting.attainment import api as attainment
from reporting.metrics import api as metrics

routers = (attainment.router, metrics.router, freshness.router)
