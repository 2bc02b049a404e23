"""How far an import got, so that one that was interrupted goes on where it stopped."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last line of a file that a service has answered for.

    It is keyed by the contents of file and mapping: another export, or another mapping, starts anew.
    """

    path: Path

    @classmethod
    def of(cls, folder: Path, kind: str, file: Path, mapping: Path) -> "Checkpoint":
        digest = hashlib.sha256(kind.encode())
        for each in (file, mapping):
            with each.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        return cls(folder / f"{kind}-{digest.hexdigest()[:16]}.json")

    def line(self) -> int:
        """The last line that is done; 0 for a new import."""
        try:
            return int(json.loads(self.path.read_text())["line"])
        except (FileNotFoundError, ValueError, KeyError):
            return 0

    def advance(self, line: int) -> None:
        """Moves on, atomically: a torn file would start over."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps({"line": line}))
        draft.replace(self.path)

    def clear(self) -> None:
        """The import is complete: the next one reads the file from its start."""
        self.path.unlink(missing_ok=True)
