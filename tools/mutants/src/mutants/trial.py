"""A trial: the tests of a mutant on a copy of the tree in which its bug is planted."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from mutants.copies import copied, run
from mutants.planting import Mutant

STARTS_WITHIN = 120.0
_SAID_MOST = 3_000
_PYTEST = [
    *("-m", "pytest", "-q", "--tb", "short", "-p", "no:cacheprovider", "-o", "junit_family=xunit1"),
    *("-p", "testkit.profiles", "--hypothesis-profile", "unshrunk"),
]
_START = """
import importlib, pathlib, sys
for service in ("leads", "targets", "opportunities", "alerts", "reporting"):
    for part in ("main", "worker"):
        importlib.import_module(f"{service}.{part}")
import messaging
found = pathlib.Path(messaging.__file__)
sys.exit(0 if found.is_relative_to(pathlib.Path.cwd()) else f"not the copy: {found}")
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial: `caught` names the tests that failed; `trouble` says why it was none."""

    caught: Sequence[str] = ()
    trouble: str | None = None


def tried(mutant: Mutant, seconds: float, *, all_tests: bool) -> Outcome:
    """Plants the bug and runs the tests; up to the first that fails, unless `all_tests`."""
    with copied() as copy:
        mutant.plant(copy)
        code, said = run(copy, ["-c", _START], STARTS_WITHIN)
        if code != 0:
            return Outcome(trouble=f"the services do not start with it: {said[-_SAID_MOST:]}")
        return outcome(copy, mutant.tests, seconds, ["--maxfail", "0" if all_tests else "1"])


def outcome(copy: Path, tests: Sequence[str], seconds: float, options: Sequence[str] = ()) -> Outcome:
    """Runs tests on a copy. Only a test that fails by itself catches: one whose module or servers do not come up is
    trouble, and so is a run that takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [*_PYTEST, "--junitxml", str(report), *options, *tests]
        code, said = run(copy, command, seconds)
        if code is None:
            return Outcome(trouble=f"not done after {seconds:.0f} s: {said[-_SAID_MOST:]}")
        failed, broken = _failed(report, "failure"), _failed(report, "error")
    if failed:
        return Outcome(caught=failed)
    if code != 0:
        return Outcome(trouble=f"broken: {', '.join(broken) or code}\n{said[-_SAID_MOST:]}")
    return Outcome()


def _failed(report: Path, how: str) -> list[str]:
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    return [f"{each.get('file')}::{each.get('name')}" for each in cases if each.find(how) is not None]
