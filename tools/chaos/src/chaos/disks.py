"""Disks that can be filled up: a small file system in memory for each server, where root may mount one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTE = 1024 * 1024
BALLAST = "ballast"
_SIZES = {"postgres": 768, "kafka": 512}
"""Megabytes. A run of a quarter of an hour needs about a third."""


class Disks:
    """Where the servers keep their data. Without `small` they are folders, and cannot be filled."""

    def __init__(self, home: Path, *, small: bool) -> None:
        self._home, self.small = home, small

    def folder(self, server: str) -> Path:
        """The folder of a server's disk."""
        folder = self._home / "disks" / server
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def fill(self, server: str) -> None:
        """Writes a file until nothing more fits on the disk."""
        with (self.folder(server) / BALLAST).open("wb", buffering=0) as ballast:
            for size in (MEGABYTE, 4096):
                piece = b"\0" * size
                try:
                    while ballast.write(piece) == size:
                        pass
                except OSError:
                    continue

    def empty(self, server: str) -> None:
        """Takes that file away."""
        (self.folder(server) / BALLAST).unlink(missing_ok=True)


def why_not() -> str | None:
    """Why no small disk can be mounted here; None where one can."""
    if sys.platform != "linux":
        return "only Linux mounts a file system in memory"
    if os.geteuid() != 0:
        return "only root may mount a file system"
    if shutil.which("mount") is None or not hasattr(os, "unshare"):
        return "there is no command to mount with"
    return None


@contextmanager
def disks(home: Path, *, small: bool) -> Iterator[Disks]:
    """The disks of a run. Call it before any thread is started.

    They are mounted in a mount namespace of this process: nobody else sees them, and with the last process of the run
    they are gone, however it ends.
    """
    made = Disks(home, small=small)
    mounted: list[Path] = []
    if small:
        os.unshare(os.CLONE_NEWNS)
        _call("mount", "--make-rprivate", "/")
    try:
        for server, size in _SIZES.items() if small else ():
            folder = made.folder(server)
            _call("mount", "-t", "tmpfs", "-o", f"size={size}m,mode=711", "attain-chaos", str(folder))
            mounted.append(folder)
        yield made
    finally:
        for folder in mounted:
            subprocess.run(("umount", "--lazy", str(folder)), check=False, capture_output=True)


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
