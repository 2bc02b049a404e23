"""Figures that were reported to contradict what somebody knows."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create table contradiction (
            id uuid primary key,
            sequence integer not null,
            version integer not null,
            last_occurred_at timestamptz,
            by text not null,
            reported_at timestamptz not null,
            metric text,
            subject_kind text,
            subject_id uuid,
            starts_on date,
            ends_on date,
            opportunity_id uuid,
            said text,
            records integer not null,
            checked integer not null,
            differing jsonb not null
        )
    """)
    op.execute("create index contradiction_by on contradiction (by, reported_at, id)")
    op.execute("create index contradiction_at on contradiction (reported_at, id)")
