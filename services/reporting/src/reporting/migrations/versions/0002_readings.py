"""What reporting says itself: the ledger of its facts, and the readings that it has published."""

from alembic import op

import messaging

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
create table reading_series (
    code text primary key,
    sequence integer not null,
    version integer not null,
    last_occurred_at timestamptz
);

create table reading (
    series text not null references reading_series,
    starts_on date not null,
    metric text not null,
    subject_kind text not null,
    subject_id uuid not null,
    period text not null,
    value numeric,
    target numeric,
    attainment numeric,
    currency text,
    published_at timestamptz not null,
    restated integer not null,
    primary key (series, starts_on)
);
create index reading_starts_on on reading (starts_on, series);
create index reading_subject_id on reading (subject_id, starts_on);
"""


def upgrade() -> None:
    messaging.create_tables(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
