"""`python -m targets migrate | serve | openapi`."""

from runtime import run
from targets.main import service

run(service)
