"""`python -m opportunities migrate | serve | openapi`."""

from opportunities.main import service
from runtime import run

run(service)
