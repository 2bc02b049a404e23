"""Exact numbers as this service's answers show them."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer

Figure = Annotated[
    Decimal,
    PlainSerializer(lambda figure: format(figure.normalize(), "f"), return_type=str),
    Field(examples=["300000"]),
]
"""An exact number as text, without trailing zeros."""
