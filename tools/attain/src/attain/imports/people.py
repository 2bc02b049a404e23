"""Importing people with the units that their rows name: units first, then everybody, then who leads what."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import batched
from typing import Any

from attain.imports.mapping import CellError, Mapping, MappingError
from attain.imports.rows import SourceRow, read_chunks, read_header
from attain.imports.run import CHUNK, Import, Kind, Summary, reasons, send
from attain.problems import LocalProblem

UNITS = Kind("targets", "/v1/units:batch")
PEOPLE = Kind("targets", "/v1/people:batch")


class OrganisationRefused(LocalProblem):
    """A unit or a manager that the rows name was refused; the people below cannot be taken."""


async def import_people(task: Import, progress: Callable[[int], None]) -> Summary:
    """Imports a file of people.

    The mapping's `units` name the levels above a person from the top down; the last one is the person's
    unit. A level's manager becomes a person too, unless the file has a row for them. Units are few: their
    distinct rows are held in memory, the people are streamed. A validation keeps none of the units, so it
    tries the people without naming theirs.
    """
    task.mapping.check_columns(read_header(task.file, task.mapping), task.file)
    if "code" not in task.mapping.fields:
        raise MappingError("A mapping of people needs the field `code`: it tells one person from another.")
    units, managers = _organisation(task.mapping, _rows(task))
    await _establish(task, UNITS, _without("manager_code", units))
    if task.validate_only:
        await _establish(task, PEOPLE, _without("unit_code", managers))
        return await replace(task, kind=PEOPLE).run(progress)
    await _establish(task, PEOPLE, managers)
    summary = await replace(task, kind=PEOPLE, mapping=_with_unit(task.mapping)).run(progress)
    await _establish(task, UNITS, units)  # last: a manager may be among the file's people
    return summary


def _without(field: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != field} for item in items]


def _rows(task: Import) -> Iterable[SourceRow]:
    for chunk in read_chunks(task.file, task.mapping, CHUNK):
        yield from chunk


def _organisation(
    mapping: Mapping, rows: Iterable[SourceRow]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The distinct units, parents first, and their managers as people."""
    units: dict[str, dict[str, Any]] = {}
    managers: dict[str, dict[str, Any]] = {}
    known = set[str]()
    for row in rows:
        if row.surplus:
            continue
        parent: str | None = None
        try:
            if code := mapping.fields["code"].read(row.cells, mapping.date_format):
                known.add(code)
            for depth in range(len(mapping.units)):
                unit = _unit(mapping, depth, row, parent)
                manager = unit.get("manager_code")
                if manager and manager not in managers:
                    managers[manager] = _manager(mapping, manager, unit["code"])
                units.setdefault(unit["code"], unit)
                parent = unit["code"]
        except CellError:
            continue  # the person's own row is rejected with the same reason when it is read
    by_level = sorted(units.values(), key=lambda unit: unit.pop("depth"))
    return by_level, [manager for code, manager in managers.items() if code not in known]


def _unit(mapping: Mapping, depth: int, row: SourceRow, parent: str | None) -> dict[str, Any]:
    level = mapping.units[depth]
    name = level.name.read(row.cells, mapping.date_format)
    unit = {
        "depth": depth,
        "code": name,
        "name": name,
        "kind": level.kind,
        "parent_code": parent,
        "manager_code": level.manager.read(row.cells, mapping.date_format) if level.manager else None,
        "region": level.region.read(row.cells, mapping.date_format) if level.region else None,
        "effective_on": mapping.constants.get("organisation_from"),
    }
    return {key: value for key, value in unit.items() if value is not None}


def _manager(mapping: Mapping, code: str, unit: str) -> dict[str, Any]:
    manager = {
        "code": code,
        "display_name": code,
        "role": mapping.constants.get("manager_role", "manager"),
        "hired_on": mapping.constants.get("organisation_from"),
        "unit_code": unit,
    }
    return {key: value for key, value in manager.items() if value is not None}


def _with_unit(mapping: Mapping) -> Mapping:
    """The mapping of the people's own rows: their unit is the last level's."""
    if not mapping.units or "unit_code" in mapping.fields:
        return mapping
    return mapping.model_copy(update={"fields": {**mapping.fields, "unit_code": mapping.units[-1].name}})


async def _establish(task: Import, kind: Kind, items: list[dict[str, Any]]) -> None:
    for chunk in batched(items, CHUNK):
        answers = await send(
            task.services, kind, task.mapping.source, list(chunk), validate_only=task.validate_only
        )
        refused = [
            f"{item['code']}: {field} {reason}".strip()
            for item, answer in zip(chunk, answers, strict=True)
            if (problem := answer.get("problem"))
            for field, reason in reasons(problem)
        ]
        if refused:
            raise OrganisationRefused("; ".join(refused))
