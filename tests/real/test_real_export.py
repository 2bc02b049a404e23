"""The figures of a real CRM export: computed from its files, and held against what reporting says.

The export is looked for in the folder that `ATTAIN_CRM_EXPORT` names, else by its name in the folders beside
the checkout.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from attain.access import database
from attain.commands.real import SETTINGS, FiguresDiffer, hold_against_files
from attain.instance.layout import Instance
from attain.instance.lifecycle import bring_up, take_down
from attain.real.spreadsheet import figures
from testkit.servers import open_folder

ROOT = Path(__file__).parents[2]
NAME = "crm-sales-opportunities"

EXPECTED = {
    "won amount": "10005534",
    "won opportunities": "4238",
    "won in 2017-Q1": "1134672",
    "won in 2017-Q2": "3086111",
    "won in 2017-Q3": "2982255",
    "won in 2017-Q4": "2802496",
    "won in region West": "3568647",
    "won in region Central": "3346293",
    "won in region East": "3090594",
    "won by team Melvin Marxen": "2251930",
    "cohort: opened": "8800",
    "cohort: reached intent": "8300",
    "cohort: won": "4238",
    "cohort: lost": "2473",
    "cohort: still open": "2089",
    "cohort: still open in prospect": "500",
    "cohort: still open in intent": "1589",
    "mean days to close": "47.985",
    "mean days to win": "51.782",
}


@pytest.fixture(scope="session")
def export() -> Path:
    """The folder of the export."""
    named = os.environ.get("ATTAIN_CRM_EXPORT")
    folders = [Path(named)] if named else sorted(ROOT.parent.glob(f"*/data/{NAME}"))
    found = next((folder for folder in folders if (folder / "sales_pipeline.csv").is_file()), None)
    if found is None:
        pytest.skip("the CRM export is not on this machine")
    return found


@pytest.fixture
def instance() -> Iterator[Instance]:
    """A place for the instance that `make real` makes."""
    with open_folder() as folder:
        yield Instance(folder / "real")


def test_the_files_have_the_figures_that_a_spreadsheet_computes(export: Path) -> None:
    found = figures(export)
    assert {name: found[name] for name in EXPECTED} == {n: Decimal(v) for n, v in EXPECTED.items()}


@pytest.mark.capability("S135", "S157", "S167")
async def test_every_reported_figure_equals_the_file_and_one_altered_row_is_noticed(
    export: Path, instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    equal = real(export, instance)
    assert equal.returncode == 0, equal.stdout + equal.stderr
    assert equal.stdout.count("All 24 figures are equal.") == 2
    assert "of history none raises an alarm" in equal.stdout
    bring_up(instance, told=lambda process: None, services=("reporting",), environment=SETTINGS)
    try:
        async with database(instance, "reporting") as connection:
            await connection.execute(
                "update projection.rollup set sum = sum + 1 where ctid = "
                "(select ctid from projection.rollup where metric = 'sales_amount' limit 1)"
            )
        with pytest.raises(FiguresDiffer, match="won amount"):
            await hold_against_files(instance, export, "With one altered row")
        assert "DIFFERENT" in capsys.readouterr().out
    finally:
        take_down(instance)


def real(export: Path, instance: Instance) -> subprocess.CompletedProcess[str]:
    """`make real` with an instance of the test's own."""
    return subprocess.run(
        [sys.executable, "-m", "attain", "real", str(export), "--home", str(instance.home)],
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
