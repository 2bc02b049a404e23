"""The versions of pipelines that this process has read. A version never changes, so it is read once."""

from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Connection

from contracts.opportunities import PipelineDefined
from runtime.query import Query

REMEMBERED_MOST = 1_000


class Definition(NamedTuple):
    """A version of a pipeline. Its instant tells it from one of the same number in another database."""

    rules: PipelineDefined
    defined_at: datetime


_READ = Query("""
    select version.definition, version.defined_at
    from pipeline
    join pipeline_version as version on version.pipeline = pipeline.code
    where pipeline.code = :code and version.version = coalesce(:version, pipeline.current_version)
""")
_versions: dict[tuple[str, int, datetime], PipelineDefined] = {}
_latest: dict[str, Definition] = {}


async def latest(connection: Connection, code: str) -> Definition | None:
    """The version that new opportunities were opened under when this process last looked; None where there is none.

    Whoever writes by it asks in the same statement whether it still is the current one, and has it forgotten if not.
    """
    if (known := _latest.get(code)) is None and (known := await _read(connection, code, None)):
        _make_room(_latest)
        _latest[code] = known
    return known


def forget(code: str) -> None:
    """Has the pipeline's current version read anew."""
    _latest.pop(code, None)


async def version_of(
    connection: Connection, code: str, version: int, defined_at: datetime
) -> PipelineDefined | None:
    """A version of a pipeline."""
    key = code, version, defined_at
    if (known := _versions.get(key)) is None and (found := await _read(connection, code, version)):
        _make_room(_versions)
        known = _versions[key] = found.rules
    return known


async def _read(connection: Connection, code: str, version: int | None) -> Definition | None:
    row = await _READ.row(connection, code=code, version=version)
    if row is None:
        return None
    return Definition(PipelineDefined.model_validate(row["definition"]), row["defined_at"])


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= REMEMBERED_MOST:
        del kept[next(iter(kept))]
