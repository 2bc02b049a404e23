"""Organisation, calendar, metrics and plans, and the directory as views of the organisation."""

from typing import Any

from alembic import op

import messaging
import runtime
from directory import SCOPES

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
create table person (
    id uuid primary key,
    code text not null unique,
    display_name text not null,
    role text not null,
    hired_on date not null,
    left_on date,
    leave_reason text,
    {ROOT}
);

create table unit (
    id uuid primary key,
    code text not null unique,
    name text not null,
    kind text not null,
    parent_id uuid references unit,
    manager_id uuid references person,
    region text,
    opened_on date not null,
    closed_on date,
    {ROOT}
);
create index ix_unit_parent_id on unit (parent_id);
create index ix_unit_manager_id on unit (manager_id);

create table parent_change (
    unit_id uuid not null references unit,
    effective_on date not null,
    parent_id uuid references unit,
    primary key (unit_id, effective_on)
);

create table membership_change (
    person_id uuid not null references person,
    effective_on date not null,
    unit_id uuid references unit,
    primary key (person_id, effective_on)
);
create index membership_change_unit on membership_change (unit_id);

create table period (
    code text primary key,
    name text not null,
    kind text not null,
    starts_on date not null,
    ends_on date not null,
    {ROOT},
    check (starts_on < ends_on)
);
create index ix_period_starts_on on period (starts_on);

create table working_time (
    year smallint primary key,
    weekdays smallint[] not null,
    holidays date[] not null,
    workdays date[] not null,
    provisional boolean not null,
    {ROOT}
);

create table currency (code text primary key, {ROOT});

create table rate (
    currency text not null references currency,
    effective_on date not null,
    rate numeric(24, 6) not null check (rate > 0),
    primary key (currency, effective_on)
);

create table metric (code text primary key, metric_version integer not null, {ROOT});

create table metric_version (
    metric text not null references metric,
    metric_version integer not null,
    name_en text not null,
    name_zh text not null,
    direction text not null,
    core boolean not null,
    definition jsonb not null,
    primary key (metric, metric_version)
);

create table target (
    id uuid primary key,
    metric text not null references metric,
    subject_kind text not null check (subject_kind in ('unit', 'person')),
    subject_id uuid not null,
    period text not null references period,
    dimensions jsonb not null,
    base numeric(24, 6) not null check (base >= 0),
    challenge numeric(24, 6),
    weight numeric(24, 6) not null check (weight >= 0),
    owner_id uuid references person,
    parent_id uuid references target,
    state text not null check (state in ('published', 'withdrawn')),
    {ROOT}
);
create unique index target_published_once on target (metric, subject_id, period, dimensions)
    where state = 'published';
create index target_subject on target (subject_id);
create index target_period on target (period);
create index target_parent on target (parent_id);

create table target_revision (
    target_id uuid not null references target,
    revision integer not null,
    event_id uuid not null unique,
    base numeric(24, 6) not null,
    challenge numeric(24, 6),
    reason_code text,
    approver_id text not null,
    effective_on date,
    note text,
    primary key (target_id, revision)
);
"""

DIRECTORY = """
create schema directory;
set local search_path = directory, public;

create view person as select id, code, display_name, role, hired_on, left_on from public.person;

create view unit as
select id, code, name, kind, parent_id, manager_id, region, closed_on from public.unit;

create view membership as
select person_id, valid_from, valid_to, unit_id
from (
    select change.person_id, change.unit_id, change.effective_on as valid_from,
           least(
               lead(change.effective_on, 1, 'infinity'::date)
                   over (partition by change.person_id order by change.effective_on),
               person.left_on
           ) as valid_to
    from public.membership_change change
    join public.person on person.id = change.person_id
) interval
where unit_id is not null and valid_from < valid_to;

create view closure as
with recursive link as (
    select change.unit_id, change.parent_id, change.effective_on as valid_from,
           least(
               lead(change.effective_on, 1, 'infinity'::date)
                   over (partition by change.unit_id order by change.effective_on),
               unit.closed_on
           ) as valid_to
    from public.parent_change change
    join public.unit on unit.id = change.unit_id
), above (descendant_id, ancestor_id, valid_from, valid_to) as (
    select unit_id, unit_id, min(valid_from), max(valid_to) from link group by unit_id
    union all
    select above.descendant_id, link.parent_id,
           greatest(above.valid_from, link.valid_from), least(above.valid_to, link.valid_to)
    from above
    join link on link.unit_id = above.ancestor_id
    where link.parent_id is not null
      and greatest(above.valid_from, link.valid_from) < least(above.valid_to, link.valid_to)
)
select descendant_id, ancestor_id, valid_from, max(valid_to) as valid_to
from above
group by descendant_id, ancestor_id, valid_from;
"""


def upgrade() -> None:
    operations: Any = op
    messaging.create_tables(operations)
    runtime.create_tables(operations)
    _script(TABLES)
    # The owner's directory is never behind: views of its own tables, under the functions that all services use.
    _script(DIRECTORY + SCOPES + "\nreset search_path;")


def _script(statements: str) -> None:
    """Several statements at once, which the driver takes only unprepared."""
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(statements))
