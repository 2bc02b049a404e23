"""What the channel report reads: the leads of a period by channel, and what the channels cost in it."""

from functools import cache

from reporting.belonging import Attribution
from reporting.conversion import RATED
from reporting.deals import Reach
from reporting.leads.queries import captured
from runtime.query import Query


@cache
def channel_rows(reach: Reach, attribution: Attribution) -> Query:
    """A row a channel with leads or cost in the period: counts, and money in the reporting currency with the days that
    lack a rate. A cost is spread evenly over its days, each converted at its own rate.
    """
    return Query(f"""
        {captured(reach, attribution)},
        {RATED},
        counted as (
            select channel, count(*) as leads, count(*) filter (where valid) as valid,
                   count(*) filter (where valid and visited) as visited, count(*) filter (where converted) as converted,
                   count(*) filter (where won) as won,
                   coalesce(sum(amount * rate) filter (where won), 0) as value,
                   jsonb_agg(distinct jsonb_build_object('currency', captured.currency, 'day', day))
                       filter (where won and amount is not null and rate is null) as value_unrated
            from captured
            left join rated on rated.currency = captured.currency
             and rated.valid_from <= captured.day and captured.day < rated.valid_to
            group by channel
        ),
        spent as (
            select cost.channel, cost.amount * sum(rate) / (cost.ends_on - cost.starts_on) as cost,
                   jsonb_agg(distinct jsonb_build_object('currency', cost.currency, 'day', spending.day::date))
                       filter (where rate is null) as unrated
            from cost
            cross join lateral generate_series(
                greatest(cost.starts_on, :starts_on), least(cost.ends_on, :ends_on) - 1, interval '1 day'
            ) as spending(day)
            left join rated on rated.currency = cost.currency
             and rated.valid_from <= spending.day::date and spending.day::date < rated.valid_to
            where not cost.voided and cost.starts_on < :ends_on and cost.ends_on > :starts_on
              and (:channel::text is null or cost.channel = :channel::text)
              and (:campaign::text is null or cost.campaign = :campaign::text)
            group by cost.id
        ),
        costs as (
            select channel, coalesce(sum(cost), 0) as cost,
                   jsonb_path_query_array(jsonb_agg(unrated) filter (where unrated is not null), '$[*][*]') as unrated
            from spent group by channel
        )
        select coalesce(counted.channel, costs.channel) as code, channel.name_en, channel.name_zh,
               coalesce(leads, 0) as leads, coalesce(valid, 0) as valid, coalesce(visited, 0) as visited,
               coalesce(converted, 0) as converted, coalesce(won, 0) as won, coalesce(value, 0) as value, value_unrated,
               coalesce(cost, 0) as cost, costs.unrated as cost_unrated
        from counted
        full join costs on costs.channel = counted.channel
        left join channel on channel.code = coalesce(counted.channel, costs.channel)
    """)
