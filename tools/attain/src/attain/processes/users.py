"""Who may run PostgreSQL: it refuses root, so root lends it an unprivileged user."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.problems import LocalProblem

_CANDIDATES = ("postgres", "nobody")


class NoUnprivilegedUser(LocalProblem):
    """Started as root on a machine without a user that PostgreSQL could run as."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """A user of the machine by number."""

    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Whether each existing folder on the way lets the user through (mode bits; no ACLs)."""
        return all(self._may_pass(each) for each in (folder, *folder.parents) if each.is_dir())

    def _may_pass(self, folder: Path) -> bool:
        entry = folder.stat()
        if entry.st_uid == self.uid:
            return bool(entry.st_mode & 0o100)
        return bool(entry.st_mode & (0o010 if entry.st_gid == self.gid else 0o001))


@contextmanager
def making_reachable_folders() -> Iterator[None]:
    """Folders that are made in the block may be entered by others, whatever root's umask is."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def as_user(user: RunAs | None) -> dict[str, Any]:
    """The arguments of `subprocess` that run a program as this user, by default as ourselves."""
    return {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}


def unprivileged_user() -> RunAs | None:
    """The user to run PostgreSQL as: None when we are not root, since then it is ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(entry.pw_uid, entry.pw_gid)
    raise NoUnprivilegedUser(
        f"PostgreSQL does not run as root, and there is none of the users {', '.join(_CANDIDATES)} to run it as. "
        "Run the command as an ordinary user."
    )
