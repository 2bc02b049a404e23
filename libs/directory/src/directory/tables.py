"""The tables of the directory: their DDL, and the same tables for queries built in Python."""

from importlib.resources import files

from sqlalchemy import Column, Date, MetaData, Table, Text, Uuid

SCHEMA = "directory"
"""Where a service keeps its directory; reporting keeps it among its projections instead."""

SCOPES = files("directory").joinpath("scopes.sql").read_text()
"""The functions alone, for the owner of the organisation: its directory is views of its own tables."""

TABLES = files("directory").joinpath("tables.sql").read_text() + "\n" + SCOPES
"""The DDL, unqualified: it creates the tables and functions in the first schema of the search path."""

_metadata = MetaData(schema=SCHEMA)

person = Table(
    "person",
    _metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("hired_on", Date, nullable=False),
    Column("left_on", Date),
)
unit = Table(
    "unit",
    _metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_id", Uuid),
    Column("manager_id", Uuid),
    Column("region", Text),
    Column("closed_on", Date),
)
membership = Table(
    "membership",
    _metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, nullable=False),
    Column("unit_id", Uuid, nullable=False),
)
closure = Table(
    "closure",
    _metadata,
    Column("descendant_id", Uuid, primary_key=True),
    Column("ancestor_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, nullable=False),
)
