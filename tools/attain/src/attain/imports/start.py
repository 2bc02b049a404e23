"""Setting an import up from what was typed: kind, file, mapping and the folder that remembers it."""

from collections.abc import Callable
from pathlib import Path

from attain.client import Services
from attain.imports.checkpoint import Checkpoint
from attain.imports.mapping import Mapping
from attain.imports.people import import_people
from attain.imports.rejects import Rejects
from attain.imports.run import KINDS, Import, Summary
from attain.problems import LocalProblem

PEOPLE = "people"
KIND_NAMES = (PEOPLE, *KINDS)


class UnknownKind(LocalProblem):
    """There is nothing of that name to import."""


def check_request(kind: str, file: Path, mapping: Path, rejected: Path) -> None:
    """Refuses an import that cannot begin. Raises `UnknownKind`, or a `LocalProblem` that names the path."""
    if kind not in KIND_NAMES:
        raise UnknownKind(f"{kind!r} cannot be imported; choose from {', '.join(KIND_NAMES)}.")
    for path in (file, mapping):
        if not path.is_file():
            raise LocalProblem(f"There is no file {path}.")
    if not rejected.absolute().parent.is_dir():
        raise LocalProblem(
            f"There is no folder {rejected.absolute().parent} for the rows that are not taken."
        )


async def import_file(
    kind: str,
    file: Path,
    mapping: Path,
    services: Services,
    *,
    folder: Path,
    rejected: Path,
    validate_only: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Summary:
    """Imports a file; rows that were not taken are written to `rejected`.

    `folder` holds the checkpoints of interrupted imports. A validation neither uses nor leaves one.
    """
    check_request(kind, file, mapping, rejected)
    checkpoint = None if validate_only else Checkpoint.of(folder, kind, file, mapping)
    with Rejects(rejected, keep=bool(checkpoint and checkpoint.line())) as rejects:
        task = Import(
            kind=KINDS.get(kind, KINDS["accounts"]),
            file=file,
            mapping=Mapping.load(mapping),
            services=services,
            rejects=rejects,
            checkpoint=checkpoint,
            validate_only=validate_only,
        )
        return await (import_people(task, progress) if kind == PEOPLE else task.run(progress))
