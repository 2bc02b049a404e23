"""Rules and incidents."""

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
create table rule (
    code text primary key,
    rule_version integer not null,
    kind text not null,
    active boolean not null,
    {ROOT}
);

create table rule_version (
    rule text not null references rule,
    version integer not null,
    definition jsonb not null,
    defined_at timestamptz not null,
    primary key (rule, version)
);

create table incident (
    id uuid primary key,
    rule text not null,
    rule_version integer not null,
    subject_kind text not null,
    subject_id uuid not null,
    key text not null,
    owner_id uuid,
    unit_id uuid,
    assignee_id uuid,
    state text not null,
    level integer not null,
    watched_root text not null,
    began_event uuid not null,
    since timestamptz not null,
    due_at timestamptz not null,
    raised_at timestamptz not null,
    evidence jsonb not null,
    figures jsonb not null,
    escalates_at timestamptz,
    acknowledged_at timestamptz,
    snoozed_until timestamptz,
    resolved_at timestamptz,
    outcome_code text,
    resolving_event_id uuid,
    {ROOT},
    constraint incident_episode_key unique (rule, watched_root, key, began_event)
);
create index incident_raised_at on incident (raised_at, id);
create index incident_assignee_id on incident (assignee_id, raised_at, id);
create index incident_owner_id on incident (owner_id, raised_at, id);
create index incident_unit_id on incident (unit_id, raised_at, id);
create index incident_subject_id on incident (subject_id, raised_at, id);
create index incident_unresolved on incident (rule, watched_root) where state <> 'resolved';
create index incident_escalation on incident (escalates_at) where state <> 'resolved';

create table incident_step (
    incident_id uuid not null references incident,
    position integer not null,
    code text not null,
    name_en text not null,
    name_zh text not null,
    due_at timestamptz not null,
    completed_at timestamptz,
    completed_by_id uuid,
    finding_code text,
    note text,
    primary key (incident_id, position)
);

create table incident_note (
    event_id uuid primary key,
    incident_id uuid not null references incident,
    text text not null
);
create index incident_note_incident_id on incident_note (incident_id);
"""


def upgrade() -> None:
    """Makes the tables of the event path, of the frame and of the rooms."""
    messaging.create_tables(op)
    runtime.create_tables(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
