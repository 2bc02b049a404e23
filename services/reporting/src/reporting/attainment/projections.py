"""How reporting keeps targets: as published, with every revision beside it."""

from contracts.targets import TargetPublished, TargetRevised, TargetWithdrawn
from reporting.statements import Statements

keep_targets = Statements(
    frozenset({TargetPublished, TargetWithdrawn}),
    f"""
    insert into target (id, metric, subject_kind, subject_id, period, dimensions, base, challenge, weight,
                        parent_id, owner_id, state, published_at)
    select root::uuid, said.*, 'published', occurred_at
    from batch, jsonb_to_record(data) as said(
        metric text, subject_kind text, subject_id uuid, period text, dimensions jsonb, base numeric,
        challenge numeric, weight numeric, parent_id uuid, owner_id uuid
    )
    where type = '{TargetPublished.type}'
    """,
    f"""
    update target set state = 'withdrawn', withdrawn_at = said.occurred_at
    from (
        select distinct on (root) root::uuid as id, occurred_at
        from batch where type = '{TargetWithdrawn.type}'
        order by root, sequence desc
    ) as said
    where target.id = said.id
    """,
)

keep_revisions = Statements(
    frozenset({TargetRevised}),
    f"""
    insert into target_revision (target_id, sequence, effective_on, base, challenge, reason_code, revised_at)
    select root::uuid, sequence, said.*, occurred_at
    from batch, jsonb_to_record(data) as said(
        effective_on date, base numeric, challenge numeric, reason_code text
    )
    where type = '{TargetRevised.type}'
    """,
)
