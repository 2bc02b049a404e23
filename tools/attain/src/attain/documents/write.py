"""Writes generated documents, or says which of the committed ones are stale."""

from collections.abc import Mapping
from pathlib import Path

from attain.documents.generate import OWNED


def stale(root: Path, documents: Mapping[str, str]) -> list[str]:
    """The paths of documents that are missing, differ, or are no longer generated; sorted."""
    differing = [path for path, text in documents.items() if _read(root / path) != text]
    return sorted([*differing, *_leftover(root, documents)])


def write(root: Path, documents: Mapping[str, str]) -> list[str]:
    """Writes what is stale and removes what is no longer generated. Returns the paths that changed."""
    changed = stale(root, documents)
    for path in changed:
        file = root / path
        if path in documents:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(documents[path], encoding="utf-8")
        else:
            file.unlink()
    return changed


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def _leftover(root: Path, documents: Mapping[str, str]) -> list[str]:
    lying = (file for folder, pattern in OWNED.items() for file in (root / folder).glob(pattern))
    return [path for file in lying if (path := file.relative_to(root).as_posix()) not in documents]
