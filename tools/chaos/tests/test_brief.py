"""The short form of `make chaos`: each cheap kind of fault once, over a whole instance."""

from pathlib import Path

from chaos.disks import Disks
from chaos.faults import KINDS
from chaos.network import Network
from chaos.plan import make_plan
from chaos.run import run
from testkit.servers import open_folder

SEED, MINUTES = 20_260_915, 1.25


async def test_a_short_run_of_faults_loses_doubles_and_reorders_nothing() -> None:
    plan = make_plan(SEED, MINUTES, KINDS, brief=True)
    with open_folder() as folder, Network() as network:
        report = await run(
            Path(folder / "instance"), plan, SEED, MINUTES * 60, network, Disks(folder, small=False)
        )
    assert not report.violations
    assert not report.not_run
    assert {name for name, kind in KINDS.items() if kind.brief} <= report.done.keys()
    assert report.outcomes["done"] > 100
