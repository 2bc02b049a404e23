"""The column types that the rows of services share, and how their keys and indexes are named."""

from typing import Any

from sqlalchemy import DateTime, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}
"""For the registry of a service's tables: `MetaData(naming_convention=NAMING)`."""

INSTANT: Any = DateTime(timezone=True)
MONEY: Any = Numeric(18, 2)
TEXT: Any = Text
JSON: Any = JSONB
