"""Importing a file through the command: what is taken, what is not and why, twice, and after a break."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from attain.access import database, issue_token
from attain.cli import app
from attain.client import ServiceError, Services
from attain.imports.checkpoint import Checkpoint
from attain.imports.run import CHUNK, Summary
from attain.imports.start import import_file
from attain.instance.layout import Instance
from attain.settling import settle
from contracts import Role

PEOPLE_MAP = """
source = "old-crm"
[constants]
organisation_from = "2020-01-01"
[[units]]
kind = "company"
name = { constant = "Importers" }
[[units]]
kind = "team"
name = { column = "boss", required = true }
manager = { column = "boss" }
[fields]
code = { column = "who", required = true }
display_name = { column = "who" }
role = { constant = "representative" }
hired_on = { constant = "2020-01-01" }
"""
DEALS_MAP = """
source = "old-crm"
date_format = "%m/%d/%Y"
[fields]
external_id = { column = "id", required = true }
owner_code = { column = "who" }
stage = { constant = "intent" }
state = { column = "state", values = { Won = "won", Open = "open" } }
opened_at = { column = "from", type = "date" }
closed_at = { column = "to", type = "date" }
amount = { column = "value", type = "number" }
currency = { constant = "CNY" }
"""
DEALS = """id,who,state,from,to,value
I1,importer Anna,Won,01/05/2026,02/05/2026,100
I2,importer Anna,Won,01/05/2026,13/05/2026,100
I3,nobody at all,Open,01/05/2026,,
I4,importer Anna,Gone,01/05/2026,,
I5,importer Anna,Won,03/05/2026,02/05/2026,100
I6,importer Anna,Open,01/06/2026,,50
"""


@pytest.fixture
async def files(tmp_path: Path, services: Services, instance: Instance) -> Path:
    """A folder with the files, in an instance that knows the people."""
    for name, text in {"people.toml": PEOPLE_MAP, "deals.toml": DEALS_MAP, "deals.csv": DEALS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "people.csv").write_text("who,boss\nimporter Anna,importer Bo\n", encoding="utf-8")
    await run(tmp_path, services, "people", "people")
    await settle(instance)
    return tmp_path


async def run(
    files: Path, services: Services, kind: str, name: str, *, validate_only: bool = False
) -> Summary:
    return await import_file(
        kind,
        files / f"{name}.csv",
        files / f"{name}.toml",
        services,
        folder=files / "imports",
        rejected=files / f"{name}.rejected.csv",
        validate_only=validate_only,
    )


async def known(instance: Instance) -> set[str]:
    async with database(instance, "opportunities") as connection:
        rows = await connection.fetch("select external_id from opportunity where source = 'old-crm'")
    return {row["external_id"] for row in rows}


@pytest.mark.capability("S158", "S168")
async def test_good_rows_are_taken_and_each_bad_one_is_written_down_by_line_column_and_reason(
    files: Path, services: Services, instance: Instance
) -> None:
    tried = await run(files, services, "opportunities", "deals", validate_only=True)
    assert (tried.created, tried.rejected) == (2, 4)
    assert await known(instance) == set()
    summary = await run(files, services, "opportunities", "deals")
    assert summary.rejected == 4
    assert {"I1", "I6"} <= await known(instance)
    rejected = (files / "deals.rejected.csv").read_text(encoding="utf-8").splitlines()
    found = {line.split(",", 2)[0]: line.split(",", 2)[1:] for line in rejected[1:]}
    assert found["3"] == ["to", "'13/05/2026' is no date of the form %m/%d/%Y"]
    assert found["4"][0] == "who"
    assert "nobody at all" in found["4"][1]
    assert found["5"] == ["state", "\"'Gone' is not one of 'Won', 'Open'\""]
    assert found["6"][0] == "to"
    again = await run(files, services, "opportunities", "deals")
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


async def test_people_can_be_tried_before_their_units_are_known(
    tmp_path: Path, services: Services, instance: Instance
) -> None:
    (tmp_path / "people.toml").write_text(
        PEOPLE_MAP.replace("Importers", "Newcomers").replace(
            'hired_on = { constant = "2020-01-01" }', 'hired_on = { column = "from" }'
        ),
        encoding="utf-8",
    )
    rows = "who,boss,from\nnew Anna,new Bo,2020-01-01\nnew Carl,new Bo,soon\nnew Dora,,2020-01-01\n"
    (tmp_path / "people.csv").write_text(rows, encoding="utf-8")
    tried = await run(tmp_path, services, "people", "people", validate_only=True)
    assert (tried.created, tried.rejected) == (1, 2)
    rejected = (tmp_path / "people.rejected.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(line.split(",")[:2] for line in rejected) == [["3", "from"], ["4", "boss"]]
    assert (await services.get("targets", "/v1/units", text="Newcomers"))["items"] == []
    assert (await services.get("targets", "/v1/people", text="new Bo"))["items"] == []


async def test_a_manager_may_be_among_the_people_of_the_file(
    tmp_path: Path, services: Services, instance: Instance
) -> None:
    (tmp_path / "people.toml").write_text(PEOPLE_MAP, encoding="utf-8")
    rows = "who,boss\nlisted Cai,listed Bo\nlisted Bo,listed Bo\n"
    (tmp_path / "people.csv").write_text(rows, encoding="utf-8")
    summary = await run(tmp_path, services, "people", "people")
    assert (summary.created, summary.rejected) == (2, 0)
    [unit] = (await services.get("targets", "/v1/units", text="listed Bo"))["items"]
    [boss] = (await services.get("targets", "/v1/people", text="listed Bo"))["items"]
    assert unit["manager_id"] == boss["id"]


async def test_targets_are_taken_for_the_people_that_a_file_names(files: Path, services: Services) -> None:
    (files / "goals.toml").write_text(
        'source = "old-crm"\n[fields]\nmetric = { constant = "sales_amount" }\n'
        'subject_kind = { constant = "person" }\nsubject_code = { column = "who" }\n'
        'period = { column = "when" }\nbase = { column = "goal", type = "number" }\n',
        encoding="utf-8",
    )
    rows = 'who,when,goal\nimporter Anna,2026-Q1,"1,000"\nimporter Anna,2026-Q9,5\n'
    (files / "goals.csv").write_text(rows, encoding="utf-8")
    summary = await run(files, services, "targets", "goals")
    assert (summary.created, summary.rejected) == (1, 1)
    assert "3,when,2026-Q9 is no period" in (files / "goals.rejected.csv").read_text(encoding="utf-8")
    again = await run(files, services, "targets", "goals")
    assert (again.created, again.unchanged) == (0, 1)


async def test_a_changed_row_makes_only_the_facts_of_the_difference(
    files: Path, services: Services, instance: Instance
) -> None:
    await run(files, services, "opportunities", "deals")
    changed = DEALS.replace(
        "I6,importer Anna,Open,01/06/2026,,50", "I6,importer Anna,Won,01/06/2026,02/06/2026,60"
    )
    (files / "deals.csv").write_text(changed, encoding="utf-8")
    assert (await run(files, services, "opportunities", "deals")).changed == 1
    async with database(instance, "opportunities") as connection:
        types = await connection.fetch(
            "select type from messaging.ledger join opportunity on opportunity.id::text = root "
            "where external_id = 'I6' order by ledger.sequence"
        )
    facts = [row["type"].split(".")[2] for row in types]
    assert facts == ["opened", "stage_changed", "amount_changed", "won"]


LEADS_MAP = """
source = "old-crm"
time_zone = "Asia/Shanghai"
encoding = "gb18030"
delimiter = ";"
date_format = "%d.%m.%Y"
[fields]
external_id = { column = "id", required = true }
captured_at = { column = "asked", type = "instant", date_format = "%d.%m.%Y %H:%M" }
channel = { column = "from" }
company = { column = "firm" }
phone = { column = "phone" }
owner_code = { column = "who" }
first_contact_at = { column = "called", type = "instant", date_format = "%d.%m.%Y %H:%M" }
outcome = { column = "won", present = "won" }
closed_at = { column = "won", type = "date" }
amount = { column = "value", type = "number" }
currency = { constant = "CNY" }
"""
LEADS = """id;asked;from;firm;phone;who;called;won;value;页面
L1;05.01.2026 09:00;fair;长江精密制造有限公司;160 0000 2001;importer Anna;05.01.2026 11:30;10.02.2026;9000;价格表
L2;05.01.2026 10:00;fair;泰山商业;160 0000 2002;importer Anna;;01.01.2026;100;
L3;06.01.2026 10:00;fair;长江精密;+86 160-0000-2001;;;;;
L4;06.01.2026 10:00;web;白云;160 0000 2004;nobody at all;;;;
L5;soon;web;白云;160 0000 2005;;;;;
"""


@pytest.mark.capability("S158", "S168")
async def test_leads_come_in_with_their_end_and_what_is_strange_about_them_is_written_down(
    files: Path, services: Services, instance: Instance
) -> None:
    (files / "leads.toml").write_text(LEADS_MAP, encoding="utf-8")
    (files / "leads.csv").write_text(LEADS, encoding="gb18030")
    tried = await run(files, services, "leads", "leads", validate_only=True)
    assert (tried.created, tried.rejected) == (2, 2)
    summary = await run(files, services, "leads", "leads")
    assert (summary.created, summary.unchanged, summary.rejected, summary.warnings) == (2, 1, 2, 2)
    rejected = remarks(files / "leads.rejected.csv")
    assert (rejected["5"][0], rejected["6"][0]) == ("who", "asked")
    warned = remarks(files / "leads.warnings.csv")
    assert warned["3"][0] == "won"
    assert "phone" in warned["4"][1]
    await settle(instance)
    found = await services.get("leads", "/v1/leads", source="old-crm", sort="captured_at")
    first, second = found["items"]
    assert first["extra"] == {"页面": "价格表"}
    assert first["first_response_seconds"] == 2.5 * 3600
    assert [lead["outcome"] for lead in found["items"]] == ["won", "won"]
    deal = await services.get("opportunities", f"/v1/opportunities/{first['opportunity_id']}")
    assert (deal["state"], deal["lead_id"], deal["amount"]) == ("won", first["id"], "9000.00")
    late = await services.get("opportunities", f"/v1/opportunities/{second['opportunity_id']}")
    assert late["closed_at"] >= second["captured_at"]
    again = await run(files, services, "leads", "leads")
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)


def remarks(path: Path) -> dict[str, list[str]]:
    """Column and reason by the line."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return {line.split(",", 2)[0]: line.split(",", 2)[1:] for line in lines}


class Breaks(Services):
    """Services that go away before the second chunk."""

    posted = 0

    async def post(self, service: str, path: str, body: Any, **params: Any) -> Any:
        self.posted += 1
        if self.posted == 2:
            raise ServiceError(f"{service} does not answer")
        return await super().post(service, path, body, **params)


async def test_an_import_that_broke_off_goes_on_behind_the_last_answered_chunk(
    tmp_path: Path, services: Services, instance: Instance
) -> None:
    lines = [f"K{n},Customer {n}" for n in range(CHUNK + 20)]
    lines[3], lines[CHUNK + 3] = ",no id", ",no id either"
    (tmp_path / "accounts.csv").write_text("\n".join(["id,name", *lines]) + "\n", encoding="utf-8")
    (tmp_path / "accounts.toml").write_text(
        'source = "broken-off"\n[fields]\nexternal_id = { column = "id", required = true }\n'
        'name = { column = "name" }\n',
        encoding="utf-8",
    )
    async with Breaks(services.addresses, issue_token(instance, Role.operations)) as breaking:
        with pytest.raises(ServiceError):
            await run(tmp_path, breaking, "accounts", "accounts")
    rest = await run(tmp_path, services, "accounts", "accounts")
    assert (rest.behind_line, rest.rows, rest.created, rest.rejected) == (CHUNK + 1, 20, 19, 1)
    rejected = (tmp_path / "accounts.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in rejected] == ["line", "5", str(CHUNK + 5)]


async def test_the_command_says_where_it_went_on_and_what_was_not_taken_before(
    tmp_path: Path, services: Services, instance: Instance
) -> None:
    lines = [f"L{n},Customer {n}" for n in range(CHUNK + 2)]
    lines[3] = ",no id"
    file, mapping = tmp_path / "late.csv", tmp_path / "late.toml"
    file.write_text("\n".join(["id,name", *lines]) + "\n", encoding="utf-8")
    mapping.write_text(
        'source = "late"\n[fields]\nexternal_id = { column = "id" }\nname = { column = "name" }\n',
        encoding="utf-8",
    )
    rejected = tmp_path / "late.rejected.csv"
    rejected.write_text("line,column,reason\n5,id,is empty\n", encoding="utf-8")
    Checkpoint.of(instance.home / "imports", "accounts", file, mapping).advance(CHUNK + 1)
    arguments = ["import", "accounts", str(file), "--map", str(mapping), "--rejected", str(rejected)]
    result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--home", str(instance.home)])
    said = " ".join(result.output.split())
    assert f"Went on behind line {CHUNK + 1}, where an earlier import broke off. 2 rows: 2 new" in said
    assert "late.rejected.csv" in said.replace(" ", "")
    assert result.exit_code == 2
