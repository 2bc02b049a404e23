"""`python -m books`."""

from books.main import service
from runtime import run

run(service)
