"""`python -m chaos`."""

from chaos.cli import app

app()
