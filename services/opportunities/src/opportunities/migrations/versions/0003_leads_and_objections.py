"""Opportunities that were leads, companies however their names are written, and objections."""

import sqlalchemy as sa
from alembic import op

import messaging
from contracts.companies import company_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PAGE = 5_000

TABLES = """
alter table opportunity add column lead_id uuid;
alter table opportunity add constraint opportunity_lead_id_key unique (lead_id);

create table objection (
    id uuid primary key,
    opportunity_id uuid not null references opportunity,
    code text not null,
    raised_at timestamptz not null,
    answered_at timestamptz,
    answered_by_id uuid,
    text text,
    answer text
);
create index objection_opportunity_id on objection (opportunity_id, raised_at, id);
"""


def upgrade() -> None:
    messaging.add_heard_at(op)
    for statement in TABLES.split(";"):
        if statement.strip():
            op.execute(statement)
    op.execute("alter table customer add column name_key text")
    _key_names()
    op.execute("alter table customer alter column name_key set not null")
    op.execute("create index customer_name_key on customer (name_key, opened_at)")


def _key_names() -> None:
    """By pages: PostgreSQL does not know the legal forms of companies."""
    connection, last = op.get_bind(), None
    page = sa.text(
        "select id, name from customer where cast(:last as uuid) is null or id > :last order by id limit :page"
    )
    write = sa.text(
        "update customer set name_key = said.key "
        "from unnest(cast(:ids as uuid[]), cast(:keys as text[])) as said(id, key) where customer.id = said.id"
    )
    while rows := connection.execute(page, {"last": last, "page": PAGE}).all():
        keys = [company_key(row.name) for row in rows]
        connection.execute(write, {"ids": [row.id for row in rows], "keys": keys})
        last = rows[-1].id
