"""`python -m reporting migrate | serve | openapi`."""

from reporting.main import service
from runtime import run

run(service)
