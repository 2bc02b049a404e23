"""`python -m alerts migrate | serve | openapi`."""

from alerts.main import service
from runtime import run

run(service)
