-- A lead as it stands, with the instants at which it got on. Of a lead that nobody owns, last_owner_id still says who had it.
create table lead (
    id               uuid        primary key,
    captured_at      timestamptz not null,
    captured_on      date        not null,
    channel          text        not null,
    campaign         text,
    company          text,
    product_line     text,
    level            text,
    intent           text        not null,
    state            text        not null, -- open, qualified, discarded, converted
    valid            boolean     not null,
    owner_id         uuid,
    first_owner_id   uuid,
    last_owner_id    uuid,
    assigned_at      timestamptz, -- since when somebody owned it first
    first_contact_at timestamptz,
    first_visit_at   timestamptz, -- on the lead itself; one on its opportunity counts as well
    qualified_at     timestamptz,
    discarded_at     timestamptz,
    converted_at     timestamptz,
    opportunity_id   uuid,
    imported         boolean     not null, -- its capture is history from an import
    sequence         bigint      not null -- of the last fact heard
);
create index lead_by_capture on lead (captured_on, channel);
create index lead_by_opportunity on lead (opportunity_id);

create table channel (
    code    text    primary key,
    name_en text    not null,
    name_zh text    not null,
    active  boolean not null
);

-- Money spent on a channel over business days, [starts_on, ends_on).
create table cost (
    id        uuid           primary key,
    channel   text           not null,
    campaign  text,
    starts_on date           not null,
    ends_on   date           not null,
    amount    numeric(18, 2) not null,
    currency  text           not null,
    voided    boolean        not null
);
create index cost_by_days on cost (starts_on, ends_on);
