"""Setting an import up from what was typed: kind, file, mapping and the folder that remembers it."""

from collections.abc import Callable
from pathlib import Path

from attain.client import Services
from attain.imports.checkpoint import Checkpoint
from attain.imports.mapping import Mapping
from attain.imports.people import import_people
from attain.imports.remarks import Remarks
from attain.imports.run import KINDS, Import, Summary
from attain.problems import LocalProblem

PEOPLE = "people"
KIND_NAMES = (PEOPLE, *KINDS)


class UnknownKind(LocalProblem):
    """There is nothing of that name to import."""


def check_request(kind: str, file: Path, mapping: Path, *remarks: Path) -> None:
    """Refuses an import that cannot begin. Raises `UnknownKind`, or a `LocalProblem` that names the path."""
    if kind not in KIND_NAMES:
        raise UnknownKind(f"{kind!r} cannot be imported; choose from {', '.join(KIND_NAMES)}.")
    for path in (file, mapping):
        if not path.is_file():
            raise LocalProblem(f"There is no file {path}.")
    for path in remarks:
        if not path.absolute().parent.is_dir():
            raise LocalProblem(f"There is no folder {path.absolute().parent} for {path.name}.")


async def import_file(
    kind: str,
    file: Path,
    mapping: Path,
    services: Services,
    *,
    folder: Path,
    rejected: Path,
    warnings: Path | None = None,
    validate_only: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Summary:
    """Imports a file; rows that were not taken are written to `rejected`, what is to be known of others to `warnings`,
    by default a file beside it.

    `folder` holds the checkpoints of interrupted imports. A validation neither uses nor leaves one.
    """
    warned = warnings or rejected.with_name(f"{file.stem}.warnings.csv")
    check_request(kind, file, mapping, rejected, warned)
    checkpoint = None if validate_only else Checkpoint.of(folder, kind, file, mapping)
    goes_on = bool(checkpoint and checkpoint.line())
    with Remarks(rejected, keep=goes_on) as rejects, Remarks(warned, keep=goes_on) as remarks:
        task = Import(
            kind=KINDS.get(kind, KINDS["accounts"]),
            file=file,
            mapping=Mapping.load(mapping),
            services=services,
            rejects=rejects,
            warnings=remarks,
            checkpoint=checkpoint,
            validate_only=validate_only,
        )
        return await (import_people(task, progress) if kind == PEOPLE else task.run(progress))
