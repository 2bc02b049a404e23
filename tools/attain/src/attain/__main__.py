"""`python -m attain`."""

from attain.cli import app

app()
