"""What the continuous proof has found, and what was reported as a contradiction."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
create table proof_walk (
    walk text primary key,
    position text not null,
    laps integer not null,
    lap_began_at timestamptz,
    walked_at timestamptz
);

create table drift (
    id uuid primary key,
    sequence integer not null,
    version integer not null,
    last_occurred_at timestamptz,
    "check" text not null,
    "table" text not null,
    drifted_at timestamptz not null,
    agreed_at timestamptz
);
create unique index drift_lasting on drift ("check", "table") where agreed_at is null;

create table drift_root (
    drift_id uuid not null references drift on delete cascade,
    root text not null,
    detail text not null,
    place text,
    looked_at timestamptz not null,
    primary key (drift_id, root)
);
create index drift_root_looked_at on drift_root (looked_at);
create index drift_root_root on drift_root (root);
"""


def upgrade() -> None:
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
