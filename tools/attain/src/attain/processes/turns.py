"""Folders that several commands write: one at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attain.problems import LocalProblem
from attain.processes.users import making_reachable_folders


class FolderNotWritable(LocalProblem):
    """A folder cannot be made or written. The message says by which setting another is chosen."""


@contextmanager
def alone_in(folder: Path, setting: str) -> Iterator[None]:
    """Makes the folder where it is missing; the block has it for itself, and others wait until it ends.

    Raises `FolderNotWritable`, which names `setting`, the variable that chooses the folder.
    """
    with making_reachable_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / ".lock").open("w")
        except OSError as error:
            raise FolderNotWritable(
                f"{folder} cannot be written ({error.strerror}). Make it writable for this user, or choose another "
                f"folder with {setting}."
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
