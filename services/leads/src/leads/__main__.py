"""`python -m leads migrate | serve | openapi`."""

from leads.main import service
from runtime import run

run(service)
