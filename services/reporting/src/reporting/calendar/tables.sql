create table period (
    code      text primary key,
    name      text not null,
    kind      text not null, -- year, half, quarter, month, week, custom
    starts_on date not null,
    ends_on   date not null -- the first day after it
);
create index period_by_kind on period (kind, starts_on);

create table working_time (
    year        integer   primary key,
    weekdays    integer[] not null, -- ISO numbers, Monday 1
    holidays    date[]    not null,
    workdays    date[]    not null, -- make-up days
    provisional boolean   not null
);

-- The working days of every year whose working time was set.
create table working_day (
    day date primary key
);

-- Units of reporting currency for one of the currency, from effective_on until the next rate.
create table rate (
    currency           text    not null,
    reporting_currency text    not null,
    effective_on       date    not null,
    rate               numeric not null,
    primary key (currency, reporting_currency, effective_on)
);
