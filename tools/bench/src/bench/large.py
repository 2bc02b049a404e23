"""A company of millions of opportunities: its organisation told as events, and of each opportunity the rows of
reporting's tables that reports and projector meet, made in SQL.

A company of 3,000 people in 300 teams over three years: in the tenth million each of them works on ten opportunities a
working week. Three in ten are won, four lost, three stand open; one in five is in dollars. `event` holds the opening of
each, `fact` its sale; no past and no other facts are made. Keys are UUIDv7 of the opening and rows lie in the order of
time, as in a company that has grown; every row is as the projector leaves it.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import asyncpg

from bench.ground import Bench
from contracts import Role
from messaging.topics import PARTITIONS
from reporting.main import service
from reporting.pipeline.cohorts import counted_anew
from reporting.settings import ReportingSettings
from reporting.worker import projector
from runtime import migrate
from targets.metrics.seed import built_in
from testkit import Database
from testkit.history import History
from testkit.projecting import project

FIRST_DAY, DAYS = date(2023, 9, 1), 1096
PEOPLE, TEAMS, DEPARTMENTS = 3_000, 300, 10
MONTH, NEXT_MONTH = date(2026, 6, 1), date(2026, 7, 1)
"""The month that is asked for."""

METRIC = "sales_amount"


@dataclass(frozen=True, slots=True)
class Organisation:
    """The company before its first opportunity, and who asks for its figures."""

    history: History
    company: str
    team: str
    director: UUID
    supervisor: UUID
    """Leads `team`."""


@cache
def organisation() -> Organisation:
    """One in thirty people moves to another team, half of them in the month that is asked for; as many leave."""
    history = History()
    history.pipeline()
    for metric in built_in():
        history.say(metric.fact(1))
    for quarter in range(13):
        history.rate("USD", f"7.{10 + quarter}", on=FIRST_DAY + timedelta(days=91 * quarter))
    for year in range(FIRST_DAY.year, 2027):
        history.working_time(year)
    history.period("2026-06", MONTH, NEXT_MONTH, kind="month")
    director = history.person("D0", role=Role.director, hired_on=FIRST_DAY)
    company = history.unit("company", kind="company", manager=director)
    departments = [
        history.unit(f"department-{number}", parent=company, kind="department")
        for number in range(DEPARTMENTS)
    ]
    supervisors = [
        history.person(f"S{number}", role=Role.supervisor, hired_on=FIRST_DAY) for number in range(TEAMS)
    ]
    teams = [
        history.unit(f"team-{number}", parent=departments[number % DEPARTMENTS], manager=supervisor)
        for number, supervisor in enumerate(supervisors)
    ]
    for number in range(PEOPLE):
        person = history.person(f"E{number}", unit=teams[number % TEAMS], hired_on=FIRST_DAY)
        moment = FIRST_DAY + timedelta(days=number * 7 % DAYS)
        if number % 30 == 1:
            history.move(
                person, teams[(number + 1) % TEAMS], MONTH.replace(day=10) if number % 60 == 1 else moment
            )
        if number % 30 == 2:
            history.leave(person, moment)
    history.target(METRIC, "2026-06", 90_000_000, unit=company)
    history.target(METRIC, "2026-06", 300_000, unit=teams[7])
    return Organisation(history, "company", "team-7", director, supervisors[7])


async def company(bench: Bench, opportunities: int) -> tuple[Database, float]:
    """A database of reporting with so many opportunities, to look at, and the seconds that it took to make."""
    if opportunities not in bench.companies:
        bench.companies[opportunities] = await _made(bench, opportunities)
    return bench.companies[opportunities]


async def taken(bench: Bench, opportunities: int) -> Database:
    """The same to tell events to: nobody looks at it afterwards."""
    await company(bench, opportunities)
    return bench.companies.pop(opportunities)[0]


async def _made(bench: Bench, opportunities: int) -> tuple[Database, float]:
    began = time.perf_counter()
    database = await bench.database()
    settings = ReportingSettings(database_url=database.url)
    await migrate(service, settings)
    projecting = projector(settings)
    await project(projecting, organisation().history.events)
    await projecting.close()
    async with database.connect() as connection, database.connect() as beside:
        for each in (connection, beside):
            await each.execute(_SESSION)
        await fill(connection, beside, opportunities)
        await connection.execute("analyze")
        # What was made here is not written out while something is measured.
        await connection.execute("checkpoint")
    return database, time.perf_counter() - began


async def fill(connection: asyncpg.Connection, beside: asyncpg.Connection, opportunities: int) -> None:
    """Makes the rows without what only finished tables need, and then the indexes; over both connections, which are
    two processes of PostgreSQL.
    """
    filling = [await _Filling.of(connection, table) for table in _ROWS]
    for table in filling:
        await table.strip(connection)
    told = {table.name: table for table in filling}
    await told["opportunity"].fill(connection, opportunities)

    async def whole(by: asyncpg.Connection, *names: str) -> None:
        for name in names:
            await told[name].fill(by)
            await told[name].finish(by)

    async def others() -> None:
        await whole(beside, "fact", "rollup", "event")
        await told["opportunity"].finish(beside)

    async with asyncio.TaskGroup() as group:
        group.create_task(whole(connection, "stage_visit_past", "cohort"))
        group.create_task(others())


@dataclass(frozen=True, slots=True)
class _Filling:
    """A table while it is filled, with the keys and indexes that it is to have."""

    name: str
    keys: dict[str, str]
    indexes: dict[str, str]

    @classmethod
    async def of(cls, connection: asyncpg.Connection, name: str) -> "_Filling":
        async def said(sql: str) -> dict[str, str]:
            return {row["name"]: row["said"] for row in await connection.fetch(sql, name)}

        return cls(name, keys=await said(_KEYS), indexes=await said(_INDEXES))

    async def strip(self, connection: asyncpg.Connection) -> None:
        """Takes away what slows the filling down."""
        for key in self.keys:
            await connection.execute(f"alter table {self.name} drop constraint {key}")
        for index in self.indexes:
            await connection.execute(f"drop index {index}")
        await connection.execute(f"alter table {self.name} set (autovacuum_enabled = off)")

    async def fill(self, connection: asyncpg.Connection, opportunities: int = 0) -> None:
        """Makes the rows."""
        await connection.execute(_ROWS[self.name].replace(":opportunities", str(opportunities)))

    async def finish(self, connection: asyncpg.Connection) -> None:
        """Gives the table back what was taken, and reads it once, as every table of some age has been."""
        for key, said in self.keys.items():
            await connection.execute(f"alter table {self.name} add constraint {key} {said}")
        for said in self.indexes.values():
            await connection.execute(said)
        await connection.execute(f"alter table {self.name} reset (autovacuum_enabled)")
        await connection.execute(f"vacuum (analyze, freeze) {self.name}")


_SESSION = """
set search_path = projection, public; set synchronous_commit = off; set jit = off; set statement_timeout = 0;
set work_mem = '256MB'; set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 0
"""

_KEYS = """
select conname as name, pg_get_constraintdef(oid) as said from pg_constraint
where conrelid = $1::text::regclass and contype in ('p', 'u')
"""

_INDEXES = """
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as said from pg_index
where indrelid = $1::text::regclass
  and indexrelid not in (select conindid from pg_constraint where conindid <> 0)
"""

_SLICE = f"get_byte(uuid_send(opportunity.id), 15) % {PARTITIONS}"

_ROWS = {
    "opportunity": f"""
        with seller as (
            select array_agg(id order by code) as ids from person where code like 'E%'
        ),
        dice as (
            select number, hashint4(number) & 1048575 as one, hashint4(number + 100000007) & 1048575 as two
            from generate_series(1, :opportunities) as number
        ),
        made as (
            select number, one, two, seller.ids[1 + two % {PEOPLE}] as owner_id,
                   timestamptz '{FIRST_DAY} 01:00Z'
                       + number::bigint * {DAYS - 1} / :opportunities * interval '1 day'
                       + (two % 480) * interval '1 minute' as opened_at,
                   case when one % 10 < 3 then 'won' when one % 10 < 7 then 'lost' else 'open' end as state,
                   case when one % 10 < 3 then 4 else 1 + two % 4 end as visits,
                   (4 + two % 56) * interval '1 day' as lasts
            from dice, seller
        )
        insert into opportunity (
            id, valid_from, state, stage, stage_since, owner_id, pipeline, pipeline_version, product_line, channel,
            amount, currency, opened_at, opened_on, closed_at, closed_on, loss_reason, last_sign_of_life_at,
            imported, visits, visit_owner_id, visit_product_line, visit_reentry, sequence
        )
        select uuidv7(opened_at - now()), opened_at + lasts, state,
               (array['prospect', 'intent', 'proposal', 'contract'])[visits],
               opened_at + lasts * (visits - 1) / visits, owner_id, 'default', 1,
               product_line, (array['web', 'fair', 'partner'])[1 + one % 3],
               1000 + two % 90000, case when two % 5 = 0 then 'USD' else 'CNY' end, opened_at, business_day(opened_at),
               case when state <> 'open' then opened_at + lasts end,
               case when state <> 'open' then business_day(opened_at + lasts) end,
               case when state = 'lost' then (array['price', 'competitor', 'no_budget'])[1 + one % 3] end,
               opened_at + lasts, false, visits, case when state = 'open' then owner_id end,
               case when state = 'open' then product_line end, case when state = 'open' then false end, 1
        from (select *, (array['cloud', 'chips', 'care'])[1 + two % 3] as product_line from made) as made
    """,
    "stage_visit_past": """
        insert into stage_visit_past (
            opportunity_id, visit, pipeline, stage, entered_at, left_at, exit, next_stage, reentry, owner_id,
            product_line
        )
        select id, visit, pipeline, stages[visit], opened_at + (valid_from - opened_at) * (visit - 1) / visits,
               case when visit < visits then opened_at + (valid_from - opened_at) * visit / visits else closed_at end,
               case when visit < visits or state = 'won' then 'advanced' when state = 'lost' then 'lost' end,
               case when visit < visits then stages[visit + 1] end, false, owner_id, product_line
        from opportunity,
        lateral (select array['prospect', 'intent', 'proposal', 'contract'] as stages) as pipeline_of,
        lateral generate_series(1, case when state = 'open' then visits - 1 else visits end) as visit
    """,
    "event": f"""
        insert into event (root, sequence, id, type, partition, occurred_at, recorded_at, day, by, data)
        select id::text, 1, id, 'opportunities.opportunity.opened.v1', {_SLICE}, opened_at, opened_at, opened_on,
               'bench', '{{}}'
        from opportunity
    """,
    "fact": f"""
        insert into fact (metric, root, sequence, event_id, person_id, day, occurred_on, occurred_at, value, currency,
                          dimensions, partition)
        select '{METRIC}', id::text, 2, id, owner_id, closed_on, closed_on, closed_at, amount, currency,
               jsonb_build_object('product_line', product_line, 'channel', channel), {_SLICE}
        from opportunity where state = 'won' order by closed_at
    """,
    "rollup": """
        insert into rollup (metric, day, occurred_on, currency, placed, slice, sum, count)
        select metric, day, occurred_on, currency, true, partition, sum(value), count(*)
        from fact group by metric, day, occurred_on, currency, partition order by day, occurred_on
    """,
    "cohort": f"""
        insert into cohort
        select * from {counted_anew(f"select id, {_SLICE} as slice from opportunity")} as told
    """,
}
"""How the rows of each table are made, from those of the tables before it."""
