-- Similar names are found by trigrams.
create extension if not exists pg_trgm with schema public;

create table customer (
    id        uuid primary key,
    name      text not null,
    sector    text,
    country   text,
    parent_id uuid,
    owner_id  uuid
);
create index customer_by_name on customer using gin (name gin_trgm_ops);
create index customer_by_sector on customer (sector);
create index customer_by_country on customer (country);
