"""The skip gate: a run ends with the list of its skips, and fails on one that nobody has agreed to."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class AllowedSkip:
    """Tests (a pattern of node ids, `*` matches anything) that may be skipped, and why."""

    tests: str
    reason: str


def read_allowed(file: Path) -> list[AllowedSkip]:
    """The committed list: `[[skip]]` tables with `tests` and `reason`. Without the file nothing may be skipped."""
    if not file.exists():
        return []
    return [AllowedSkip(**each) for each in tomllib.loads(file.read_text()).get("skip", [])]


class SkipGate:
    """Collects the skips of a run, of single tests and of whole modules."""

    def __init__(self, allowed: list[AllowedSkip]) -> None:
        self._allowed = allowed
        self._skipped: dict[str, str] = {}

    def _is_allowed(self, test: str) -> bool:
        return any(fnmatch(test, each.tests) for each in self._allowed)

    def _collect(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self._skipped[report.nodeid] = said.removeprefix("Skipped: ")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._collect(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._collect(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and not all(map(self._is_allowed, self._skipped)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._skipped:
            return
        terminalreporter.section("skipped tests")
        for test, reason in sorted(self._skipped.items()):
            mark = "" if self._is_allowed(test) else "NOT AGREED TO, SO THE RUN FAILS: "
            terminalreporter.line(f"{mark}{test}: {reason}", red=bool(mark))
