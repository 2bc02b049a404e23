"""How reporting keeps the calendar: the last word on each period, year and rate holds."""

from contracts.targets import PeriodSet, RateSet, WorkingTimeSet
from reporting.statements import Statements

keep_periods = Statements(
    frozenset({PeriodSet}),
    f"""
    insert into period (code, name, kind, starts_on, ends_on)
    select distinct on (root) data->>'period', data->>'name', data->>'kind',
           (data->>'starts_on')::date, (data->>'ends_on')::date
    from batch where type = '{PeriodSet.type}'
    order by root, sequence desc
    on conflict (code) do update set
        name = excluded.name, kind = excluded.kind, starts_on = excluded.starts_on, ends_on = excluded.ends_on
    """,
)

keep_rates = Statements(
    frozenset({RateSet}),
    f"""
    insert into rate (currency, reporting_currency, effective_on, rate)
    select distinct on (1, 2, 3) data->>'currency', data->>'reporting_currency',
           (data->>'effective_on')::date, (data->>'rate')::numeric
    from batch where type = '{RateSet.type}'
    order by 1, 2, 3, sequence desc
    on conflict (currency, reporting_currency, effective_on) do update set rate = excluded.rate
    """,
)

keep_working_days = Statements(
    frozenset({WorkingTimeSet}),
    f"""
    insert into working_time (year, weekdays, holidays, workdays, provisional)
    select distinct on (root) said.*
    from batch, jsonb_to_record(data) as said(
        year integer, weekdays integer[], holidays date[], workdays date[], provisional boolean
    )
    where type = '{WorkingTimeSet.type}'
    order by root, sequence desc
    on conflict (year) do update set
        weekdays = excluded.weekdays, holidays = excluded.holidays, workdays = excluded.workdays,
        provisional = excluded.provisional
    """,
    f"""
    delete from working_day
    where extract(year from day) in (select (data->>'year')::integer from batch where type = '{WorkingTimeSet.type}')
    """,
    f"""
    insert into working_day (day)
    select day::date
    from working_time,
         generate_series(make_date(year, 1, 1), make_date(year, 12, 31), interval '1 day') as day
    where year in (select (data->>'year')::integer from batch where type = '{WorkingTimeSet.type}')
      and (extract(isodow from day) = any (weekdays) and day <> all (holidays) or day = any (workdays))
    """,
)
