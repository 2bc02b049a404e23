"""Copies of the tree as it lies there, committed or not, and commands that run in them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[4]
ENDS_WITHIN = 30.0
"""Seconds that a command is given to take its servers down before it is killed with all that it has started."""


@contextmanager
def copied(root: Path = ROOT) -> Iterator[Path]:
    """A copy of all files that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="attain-mutant-") as folder:
        copy = Path(folder).resolve()
        for name in listed.stdout.split("\0"):
            if name and (root / name).is_file():  # a file that was deleted is listed still
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, copy / name)
        yield copy


def run(copy: Path, command: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """Runs a Python command on the copy's code by this environment; its exit code, None when it took too long, and
    what it said."""
    sources = [str(path) for path in sorted(copy.glob("*/*/src"))]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sources), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=copy, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        said.seek(0)
        return code, said.read()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends what still runs, with all that it has started."""
    if process.poll() is not None:
        return
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)  # on which pytest takes down what it has set up
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for each in started:
        if each.is_running():
            each.kill()
