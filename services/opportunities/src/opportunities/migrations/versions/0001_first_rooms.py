"""Customers, pipelines, opportunities, interactions and receipts."""

from alembic import op

import messaging
import runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROOT = """
    sequence integer not null,
    version integer not null,
    last_occurred_at timestamptz
"""

TABLES = f"""
create extension if not exists pg_trgm;

create table customer (
    id uuid primary key,
    name text not null,
    sector text,
    country text,
    parent_id uuid references customer,
    owner_id uuid,
    opened_at timestamptz not null,
    source text,
    external_id text,
    {ROOT},
    unique (source, external_id)
);
create index customer_name on customer (name, id);
create index customer_name_trigrams on customer using gin (name gin_trgm_ops);
create index customer_opened_at on customer (opened_at, id);
create index customer_owner_id on customer (owner_id);
create index customer_parent_id on customer (parent_id);

create table pipeline (
    code text primary key,
    current_version integer not null,
    {ROOT}
);

create table pipeline_version (
    pipeline text not null references pipeline,
    version integer not null,
    definition jsonb not null,
    defined_at timestamptz not null,
    primary key (pipeline, version)
);

create table opportunity (
    id uuid primary key,
    title text,
    customer_id uuid references customer,
    owner_id uuid not null,
    pipeline text not null,
    pipeline_version integer not null,
    stage text not null,
    product_line text,
    channel text,
    amount numeric(18, 2),
    currency text not null,
    expected_close_on date,
    imported boolean not null,
    state text not null,
    opened_at timestamptz not null,
    opened_event_id uuid not null,
    stage_since timestamptz not null,
    closed_at timestamptz,
    closed_event_id uuid,
    loss_reason text,
    source text,
    external_id text,
    source_row jsonb,
    {ROOT},
    unique (source, external_id),
    foreign key (pipeline, pipeline_version) references pipeline_version
);
create index opportunity_title on opportunity using gin (title gin_trgm_ops);
create index opportunity_customer_id on opportunity (customer_id);
create index opportunity_owner_id_opened_at on opportunity (owner_id, opened_at, id);
create index opportunity_opened_at on opportunity (opened_at, id);
create index opportunity_closed_at on opportunity (closed_at, id);
create index opportunity_stage_since on opportunity (stage_since, id);
create index opportunity_expected_close_on on opportunity (expected_close_on, id);
create index opportunity_amount on opportunity (amount, id);
create index opportunity_stage_state on opportunity (stage, state);

create table note (
    event_id uuid primary key,
    opportunity_id uuid not null references opportunity,
    text text not null
);
create index note_opportunity_id on note (opportunity_id);

create table interaction (
    id uuid primary key,
    opportunity_id uuid not null references opportunity,
    kind text not null,
    direction text not null,
    occurred_at timestamptz not null,
    logged_by_id uuid,
    summary text,
    next_step text
);
create index interaction_opportunity_id on interaction (opportunity_id, occurred_at, id);

create table receipt (
    id uuid primary key,
    opportunity_id uuid not null references opportunity,
    amount numeric(18, 2) not null,
    currency text not null,
    occurred_at timestamptz not null
);
create index receipt_opportunity_id on receipt (opportunity_id, occurred_at, id);
"""


def upgrade() -> None:
    """Makes the tables of the event path, of the frame and of the rooms."""
    messaging.create_tables(op)
    runtime.create_tables(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
