"""The import contracts hold, see every file, and each of them fails on a planted violation."""

import configparser
import os
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / ".importlinter"
LAYERS = "Each package rests only on those below it; neighbours do not know each other"
CONTRACTS_IO = "contracts is free of IO"
RULES_IO = "Rules are free of IO"
KAFKA = "Only messaging touches Kafka's client"
API_TABLES = "API files decide nothing and see no tables"

PLANTED = [
    ("opportunities.deals.actions", "import reporting", LAYERS),
    ("messaging.ledger", "import targets", LAYERS),
    ("messaging.ledger", "import runtime", LAYERS),
    ("runtime.app", "from directory import visible_people", LAYERS),
    ("feed.api", "from directory import CurrentCaller", LAYERS),
    ("contracts.leads", "import messaging", LAYERS),
    ("targets.plans.actions", "from testkit import eventually", LAYERS),
    ("contracts.leads", "from sqlalchemy import text", CONTRACTS_IO),
    ("contracts.leads", "from pathlib import Path", CONTRACTS_IO),
    ("targets.plans.rules", "import sqlalchemy", RULES_IO),
    ("targets.plans.rules", "from targets.plans.tables import Target", RULES_IO),
    ("targets.plans.rules", "from messaging import record", RULES_IO),
    ("targets.rules", "import httpx2", RULES_IO),
    ("targets.splits.rules.weights", "import asyncpg", RULES_IO),
    ("reporting.live", "import aiokafka", KAFKA),
    ("targets.plans.api", "from targets.plans.tables import Target", API_TABLES),
    ("targets.plans.api", "from targets import tables", API_TABLES),
    ("leads.leads.actions", "import opportunities", LAYERS),
    ("alerts.timers.rules.timers", "from sqlalchemy import text", RULES_IO),
    ("alerts.rulebook.api", "from alerts.tables import Rule", API_TABLES),
]


def root_packages() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read(CONFIGURATION)
    return parser["importlinter"]["root_packages"].split()


def broken(folder: Path) -> set[str]:
    """The names of the committed contracts that the packages in `folder` break."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", CONFIGURATION, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    verdicts = [line for line in run.stdout.splitlines() if line.endswith((" KEPT", " BROKEN"))]
    assert len(verdicts) == 5, run.stdout + run.stderr
    return {line.removesuffix(" BROKEN") for line in verdicts if line.endswith(" BROKEN")}


def write(folder: Path, module: str, text: str) -> None:
    """Writes a module and makes packages of the folders that it lies in."""
    file = folder.joinpath(*module.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True, exist_ok=True)
    for package in file.relative_to(folder).parents[:-1]:
        (folder / package / "__init__.py").touch()
    file.write_text(f"{text}\n")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Packages of the names that the contracts speak of, with one well-behaved room."""
    for package in root_packages():
        write(tmp_path, f"{package}.__init__", "")
    write(tmp_path, "targets.tables", "import sqlalchemy")
    write(tmp_path, "targets.plans.tables", "import sqlalchemy")
    write(tmp_path, "targets.plans.rules", "import contracts")
    write(tmp_path, "targets.plans.actions", "import messaging\nfrom targets.plans import rules, tables")
    write(tmp_path, "targets.plans.api", "import fastapi\nfrom targets.plans import actions")
    write(tmp_path, "alerts.tables", "import sqlalchemy")
    write(tmp_path, "messaging.relay", "import aiokafka")
    return tmp_path


def test_a_well_behaved_tree_keeps_every_contract(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize(("module", "planted", "contract"), PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, module: str, planted: str, contract: str) -> None:
    write(tree, module, planted)
    assert contract in broken(tree)


def test_the_contracts_hold_for_the_project() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_the_contracts_see_every_file_of_every_package() -> None:
    """A folder without `__init__.py` would be passed over, with everything that it imports."""
    sources = [path for part in ("libs", "services", "tools") for path in ROOT.glob(f"{part}/*/src")]
    files = {
        ".".join(file.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        for source in sources
        for file in source.rglob("*.py")
    }
    seen = grimp.build_graph(*root_packages(), cache_dir=None).modules
    assert files - seen == set()
    assert {file.split(".")[0] for file in files} == set(root_packages())
