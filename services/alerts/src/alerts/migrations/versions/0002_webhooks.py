"""Webhooks, the events on their way to them, and each call."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROOT = """
    sequence integer not null,
    version integer not null,
    last_occurred_at timestamptz
"""

TABLES = f"""
create table webhook (
    id uuid primary key,
    url text not null,
    event_types jsonb not null,
    description text,
    active boolean not null,
    active_since timestamptz not null,
    disabled_reason text,
    secret text not null,
    previous_secret text,
    previous_until timestamptz,
    created_at timestamptz not null,
    deleted_at timestamptz,
    {ROOT}
);
create index webhook_created_at on webhook (created_at, id);
create index webhook_event_types on webhook using gin (event_types);

create table delivery (
    id uuid primary key,
    webhook_id uuid not null references webhook,
    event_id uuid not null,
    event_type text not null,
    event_root text not null,
    event_sequence integer not null,
    state text not null,
    created_at timestamptz not null,
    attempts integer not null,
    tries integer not null,
    next_try_at timestamptz,
    settled_at timestamptz,
    failure text,
    lease uuid,
    leased_until timestamptz,
    {ROOT},
    unique (webhook_id, event_id)
);
create index delivery_due on delivery (webhook_id, next_try_at, id) where state = 'pending';
create index delivery_order on delivery (webhook_id, event_root, event_sequence) where state = 'pending';
create index delivery_leased on delivery (webhook_id, leased_until) where state = 'pending';
create index delivery_created_at on delivery (webhook_id, created_at, id);
create index delivery_event_root on delivery (event_root, webhook_id);
create index delivery_settled_at on delivery (webhook_id, state, settled_at);

create table attempt (
    delivery_id uuid not null references delivery,
    number integer not null,
    started_at timestamptz not null,
    milliseconds integer not null,
    request_headers jsonb not null,
    status integer,
    failure text,
    answer text not null,
    primary key (delivery_id, number)
);
"""


def upgrade() -> None:
    for statement in TABLES.split(";"):
        if statement.strip():
            op.execute(statement)
