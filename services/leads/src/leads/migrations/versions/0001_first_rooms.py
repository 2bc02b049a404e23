"""Channels, campaigns, costs, the definition of a valid lead, leads, contacts, rules of assignment and of the pool."""

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

create table channel (
    code text primary key,
    name_en text not null,
    name_zh text not null,
    active boolean not null,
    {ROOT}
);

create table campaign (
    code text primary key,
    channel text not null references channel,
    name text not null,
    starts_on date not null,
    ends_on date,
    {ROOT}
);
create index campaign_channel on campaign (channel);

create table cost (
    id uuid primary key,
    channel text not null references channel,
    campaign text references campaign,
    starts_on date not null,
    ends_on date not null,
    amount numeric(18, 2) not null,
    currency text not null,
    recorded_at timestamptz not null,
    voided_at timestamptz
);
create index cost_channel on cost (channel, starts_on, id);
create index cost_starts_on on cost (starts_on, id);

create table validity (
    code text primary key,
    current_version integer not null,
    {ROOT}
);

create table validity_version (
    version integer primary key,
    effective_on date not null,
    definition jsonb not null,
    defined_at timestamptz not null
);

create table lead (
    id uuid primary key,
    source text,
    external_id text,
    source_row jsonb,
    owner_id uuid,
    channel text not null references channel,
    campaign text references campaign,
    company text,
    company_key text,
    credit_code text,
    product_line text,
    level text,
    intent text not null,
    state text not null,
    captured_on date not null,
    valid boolean not null,
    validity_version integer not null,
    imported boolean not null,
    contact_name text,
    phone text,
    phone_text text,
    email text,
    remark text,
    extra jsonb not null,
    captured_at timestamptz not null,
    discard_reason text,
    assigned_at timestamptz,
    assigned_by text,
    pooled_at timestamptz,
    released_at timestamptz,
    touched_at timestamptz,
    first_contact_at timestamptz,
    last_contact_at timestamptz,
    first_visit_at timestamptz,
    converted_at timestamptz,
    opportunity_id uuid,
    outcome text,
    outcome_at timestamptz,
    outcome_amount numeric(18, 2),
    outcome_currency text,
    {ROOT},
    unique (source, external_id)
);
create unique index lead_phone_key on lead (phone) where state <> 'discarded';
create unique index lead_email_key on lead (email) where state <> 'discarded';
create unique index lead_credit_code_key on lead (credit_code) where state <> 'discarded';
create index lead_company on lead using gin (company gin_trgm_ops);
create index lead_contact_name on lead using gin (contact_name gin_trgm_ops);
create index lead_owner_id on lead (owner_id, captured_at, id);
create index lead_captured_at on lead (captured_at, id);
create index lead_last_contact_at on lead (last_contact_at, id);
create index lead_channel on lead (channel, captured_at, id);
create index lead_company_key on lead (company_key);
create index lead_pool on lead (captured_at, id) where owner_id is null and state in ('open', 'qualified');
create index lead_due on lead (touched_at, id)
    where owner_id is not null and state in ('open', 'qualified') and touched_at is not null;
create unique index lead_opportunity_id on lead (opportunity_id);

create table contact (
    id uuid primary key,
    lead_id uuid not null references lead,
    kind text not null,
    outcome text not null,
    occurred_at timestamptz not null,
    logged_by_id uuid,
    summary text
);
create index contact_lead_id on contact (lead_id, occurred_at, id);

create table note (
    event_id uuid primary key,
    lead_id uuid not null references lead,
    text text not null
);
create index note_lead_id on note (lead_id);

create table assignment_rule (
    code text primary key,
    current_version integer not null,
    definition jsonb not null,
    defined_at timestamptz,
    last_person_id uuid,
    {ROOT}
);

create table pool_rule (
    code text primary key,
    current_version integer not null,
    definition jsonb not null,
    defined_at timestamptz,
    {ROOT}
);

create table assignment_taken (
    person_id uuid not null,
    day date not null,
    count integer not null,
    primary key (person_id, day)
);
"""


def upgrade() -> None:
    """Makes the tables of the event path, of the frame and of the rooms."""
    messaging.create_tables(op)
    runtime.create_tables(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
