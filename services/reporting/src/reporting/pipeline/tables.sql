-- A pipeline as last defined, and the stages of every version in the order in which opportunities pass them.
create table pipeline (
    code             text    primary key,
    version          integer not null,
    name_en          text    not null,
    name_zh          text    not null,
    allows_skip      boolean not null,
    allows_step_back boolean not null
);

create table pipeline_stage (
    pipeline            text     not null,
    pipeline_version    integer  not null,
    position            smallint not null, -- from 1
    stage               text     not null,
    name_en             text     not null,
    name_zh             text     not null,
    probability         numeric  not null,
    expected_dwell_days integer  not null,
    primary key (pipeline, pipeline_version, stage)
);

-- An opportunity as it stands since valid_from. state: open, won, lost, or void when the whole opportunity was
-- undone; a void one was never opened: opened_at, opened_on and stage_since are null, it has no past and no visits.
create table opportunity (
    id                   uuid        primary key,
    valid_from           timestamptz not null,
    state                text        not null,
    stage                text        not null, -- the one it stands in, or closed from
    stage_since          timestamptz,
    customer_id          uuid,
    owner_id             uuid        not null,
    pipeline             text        not null,
    pipeline_version     integer     not null,
    product_line         text,
    channel              text,
    amount               numeric(18, 2), -- expected; signed once won
    currency             text        not null,
    expected_close_on    date,
    opened_at            timestamptz,
    opened_on            date,
    closed_at            timestamptz, -- of the win or loss in force
    closed_on            date,
    loss_reason          text,
    first_contact_at     timestamptz, -- the first interaction
    last_sign_of_life_at timestamptz, -- the last opening, stage, amount or close-date fact, reopening or interaction
    imported             boolean     not null, -- its opening is history from an import
    visits               smallint    not null, -- how many stages it has entered: the number of its last visit
    visit_owner_id       uuid, -- of the visit that lasts; null where none does, as the next two
    visit_product_line   text,
    visit_reentry        boolean,
    sequence             bigint      not null -- of the last fact heard
) with (fillfactor = 80);
create index opportunity_by_owner on opportunity (owner_id, state);
create index opportunity_by_stage on opportunity (stage, stage_since) where state = 'open';
create index opportunity_by_customer on opportunity (customer_id);
create index opportunity_by_opening on opportunity (opened_at, id);
create index opportunity_by_closing on opportunity (closed_on);

-- How it stood before, by occurred time, [valid_from, valid_to): facts that changed nothing start no interval, of
-- facts at the same instant the last one holds. Facts voided since are left out: the past is restated.
create table opportunity_past (
    opportunity_id    uuid        not null,
    valid_from        timestamptz not null,
    valid_to          timestamptz not null,
    state             text        not null,
    stage             text        not null,
    stage_since       timestamptz,
    customer_id       uuid,
    owner_id          uuid        not null,
    pipeline          text        not null,
    pipeline_version  integer     not null,
    product_line      text,
    channel           text,
    amount            numeric(18, 2),
    currency          text        not null,
    expected_close_on date,
    opened_at         timestamptz,
    opened_on         date,
    closed_at         timestamptz,
    closed_on         date,
    loss_reason       text,
    imported          boolean     not null,
    primary key (opportunity_id, valid_from)
);
create index opportunity_past_by_end on opportunity_past (valid_to);

-- Any instant: `where valid_from <= $instant and valid_to > $instant`.
create view opportunity_history as
select opportunity_id, valid_from, valid_to, state, stage, stage_since, customer_id, owner_id, pipeline, pipeline_version,
       product_line, channel, amount, currency, expected_close_on, opened_at, opened_on, closed_at, closed_on,
       loss_reason, imported
from opportunity_past
union all
select id, valid_from, 'infinity', state, stage, stage_since, customer_id, owner_id, pipeline, pipeline_version,
       product_line, channel, amount, currency, expected_close_on, opened_at, opened_on, closed_at, closed_on,
       loss_reason, imported
from opportunity;

-- Visits of a stage that are over, inserted once, numbered from 1 within the opportunity; visits of no length count too.
-- exit: advanced (a win as well: then next_stage is null), returned (a step back), lost. A skipped stage is not entered; a
-- lost opportunity taken up again makes a new visit. reentry: it had been in this stage before.
create table stage_visit_past (
    opportunity_id uuid        not null,
    visit          smallint    not null,
    pipeline       text        not null,
    stage          text        not null,
    entered_at     timestamptz not null,
    left_at        timestamptz not null,
    exit           text        not null,
    next_stage     text,
    reentry        boolean     not null,
    owner_id       uuid        not null, -- at entry
    product_line   text, -- at entry
    primary key (opportunity_id, visit)
);
create index stage_visit_past_by_entry on stage_visit_past (entered_at);
create index stage_visit_past_by_exit on stage_visit_past (left_at);

-- All visits: an opportunity that is open is in one that lasts. Of it, left_at, exit and next_stage are null.
create view stage_visit as
select opportunity_id, visit, pipeline, stage, entered_at, left_at, exit, next_stage, reentry, owner_id, product_line
from stage_visit_past
union all
select id, visits, pipeline, stage, stage_since, null, null, null, visit_reentry, visit_owner_id, visit_product_line
from opportunity where state = 'open';

-- The visits of the opportunities opened in a business month, counted by stage; and, with a reason, the opportunities
-- that stay lost from the stage for it: of those only `count`. A slice is a partition, so that transactions side by side
-- never touch the same row: sum over them.
create table cohort (
    pipeline           text     not null,
    opened_in          date     not null, -- the first day of the month
    stage              text     not null,
    reason             text,
    slice              smallint not null,
    count              bigint   not null,
    opportunities      bigint   not null, -- first entries
    opened             bigint   not null, -- visits that are the first of their opportunity
    re_entries         bigint   not null,
    advanced           bigint   not null,
    lost               bigint   not null,
    returned           bigint   not null,
    open               bigint   not null,
    won                bigint   not null,
    seconds_of_left    numeric(20, 6) not null, -- spent in visits that are over
    open_since_seconds numeric(20, 6) not null, -- of those that last: when they began, in seconds since 1970
    unique nulls not distinct (pipeline, opened_in, stage, slice, reason)
) with (fillfactor = 80);
