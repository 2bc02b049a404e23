"""Books and their authors."""

from alembic import op

import runtime

revision = "0001"
down_revision = None


def upgrade() -> None:
    runtime.create_tables(op)
    op.execute("create table author (id uuid primary key)")
    op.execute(
        """
        create table book (
            id uuid primary key, code text not null unique, title text not null, pages int, printed_on date,
            price numeric(18, 2), version int not null,
            author_id uuid references author deferrable initially deferred
        )
        """
    )
