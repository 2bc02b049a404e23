"""How reporting keeps the thresholds of health: those of the rules that alert about it."""

from contracts.alerts import RuleDefined
from reporting.statements import Statements

# A rule that stopped reading weeks has no thresholds any more.
keep_reading_rules = Statements(
    frozenset({RuleDefined}),
    f"""
    with said as (
        select distinct on (root) data->>'rule' as code, (data->>'rule_version')::integer as version,
               (data->>'active')::boolean as active, data->'definition' as definition
        from batch where type = '{RuleDefined.type}' order by root, sequence desc
    ),
    gone as (
        delete from reading_rule using said
        where reading_rule.code = said.code and said.definition->>'kind' <> 'reading'
    )
    insert into reading_rule (code, version, active, metrics, direction, healthy, alert)
    select code, version, active, array(select jsonb_array_elements_text(definition->'metrics')),
           definition->>'direction', (definition->>'healthy')::numeric, (definition->>'alert')::numeric
    from said where definition->>'kind' = 'reading'
    on conflict (code) do update set
        version = excluded.version, active = excluded.active, metrics = excluded.metrics,
        direction = excluded.direction, healthy = excluded.healthy, alert = excluded.alert
    """,
)
