"""How reporting keeps customers."""

from contracts.opportunities import CustomerChanged, CustomerOpened, CustomerOwnerChanged
from reporting.statements import Statements, types

# Whoever opened or changed it said the whole customer; a later change of owner says the owner alone.
keep_customers = Statements(
    frozenset({CustomerOpened, CustomerChanged, CustomerOwnerChanged}),
    f"""
    insert into customer (id, name, sector, country, parent_id, owner_id)
    select distinct on (root) root::uuid, said.*
    from batch, jsonb_to_record(data) as said(name text, sector text, country text, parent_id uuid, owner_id uuid)
    where type in ({types(CustomerOpened, CustomerChanged)})
    order by root, sequence desc
    on conflict (id) do update set
        name = excluded.name, sector = excluded.sector, country = excluded.country,
        parent_id = excluded.parent_id, owner_id = excluded.owner_id
    """,
    f"""
    update customer set owner_id = said.owner_id
    from (
        select distinct on (root) root, type, (data->>'owner_id')::uuid as owner_id
        from batch where type in ({types(CustomerOpened, CustomerChanged, CustomerOwnerChanged)})
        order by root, sequence desc
    ) as said
    where customer.id = said.root::uuid and said.type = '{CustomerOwnerChanged.type}'
    """,
)
