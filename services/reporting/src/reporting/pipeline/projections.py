"""How reporting keeps pipelines; how it keeps opportunities stands in `story`."""

from contracts.opportunities import PipelineDefined
from reporting.statements import Statements

keep_pipelines = Statements(
    frozenset({PipelineDefined}),
    f"""
    insert into pipeline (code, version, name_en, name_zh, allows_skip, allows_step_back)
    select distinct on (root) said.*
    from batch, jsonb_to_record(data) as said(
        pipeline text, pipeline_version integer, name_en text, name_zh text, allows_skip boolean,
        allows_step_back boolean
    )
    where type = '{PipelineDefined.type}'
    order by root, sequence desc
    on conflict (code) do update set
        version = excluded.version, name_en = excluded.name_en, name_zh = excluded.name_zh,
        allows_skip = excluded.allows_skip, allows_step_back = excluded.allows_step_back
    """,
    f"""
    insert into pipeline_stage (pipeline, pipeline_version, position, stage, name_en, name_zh, probability,
                                expected_dwell_days)
    select data->>'pipeline', (data->>'pipeline_version')::integer, said.position, said.code, said.name_en,
           said.name_zh, said.probability, said.expected_dwell_days
    from batch, rows from (
        jsonb_to_recordset(data->'stages')
            as (code text, name_en text, name_zh text, probability numeric, expected_dwell_days integer)
    ) with ordinality as said(code, name_en, name_zh, probability, expected_dwell_days, position)
    where type = '{PipelineDefined.type}'
    """,
)
