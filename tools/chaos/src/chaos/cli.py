"""`chaos`: breaks a whole instance on purpose and says whether anything was lost."""

import asyncio
import secrets
import signal
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from chaos import disks, points
from chaos.faults import KINDS
from chaos.network import Network
from chaos.plan import FULL_MINUTES, make_plan
from chaos.run import Report, run
from chaos.stage import Recovery

app = typer.Typer(add_completion=False)
console = Console(width=140, highlight=False)

Seed = Annotated[int | None, typer.Option(help="Makes the same plan and the same load again.")]
Minutes = Annotated[float, typer.Option(help="How long the load lasts.")]
Only = Annotated[str | None, typer.Option(help="Kinds of faults to have alone, separated by commas.")]


@app.command()
def attack(seed: Seed = None, minutes: Minutes = FULL_MINUTES, only: Only = None) -> None:
    """Load, faults by the plan, and a verdict: ends with 1 when something does not hold."""
    seed = secrets.randbelow(10**9) if seed is None else seed
    console.print(f"seed {seed}: `make chaos SEED={seed} MINUTES={minutes:g}` does the same again")
    points.check()
    kinds = {name: KINDS[name] for name in only.split(",")} if only else KINDS
    plan = make_plan(seed, minutes, kinds)
    home = Path(tempfile.mkdtemp(prefix="attain-chaos-"))
    home.chmod(0o711)
    console.print(f"{len(plan)} faults; logs and requests stay in {home} if something does not hold")
    with disks.disks(home, small=disks.why_not() is None) as held, Network() as network:
        report = asyncio.run(
            run(
                home / "instance",
                plan,
                seed,
                minutes * 60,
                network,
                held,
                told=lambda line: console.print(line),
            )
        )
    full = minutes >= FULL_MINUTES and only is None
    _show(report)
    failed = report.violations or report.late or (full and report.too_seldom(kinds))
    if full and (seldom := report.too_seldom(kinds)):
        console.print(f"less than three times: {', '.join(seldom)}")
    console.print("[red]does not hold[/]" if failed else f"holds: {report.faults} faults, nothing lost")
    raise typer.Exit(1 if failed else 0)


async def _run(*arguments: Any) -> Report:
    """A run that ends its processes even where the harness itself is told to end."""
    running = asyncio.create_task(run(*arguments, told=console.print))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def _show(report: Report) -> None:
    table = Table("fault", "times", "recovered (median, most; seconds)", "at most", "not run")
    for name in KINDS:
        if name in report.done or name in report.not_run:
            mine = [each for each in report.recoveries if each.kind == name]
            bounds = {each.bound for each in mine if each.bound is not None}
            table.add_row(
                name,
                str(report.done.get(name, 0)),
                _spread(mine),
                ", ".join(f"{bound:g}" for bound in sorted(bounds)),
                "; ".join(sorted(set(report.not_run.get(name, ())))),
            )
    console.print(table)
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.outcomes.items()))
    console.print(f"{report.faults} faults in {report.seconds:.0f} s; requests: {said}")
    if report.verdict:
        console.print(f"looked at {report.verdict.facts} facts and {report.verdict.records} records")
    for each in report.late:
        console.print(f"[red]late[/]: {each.kind}: {each.what} after {each.seconds:.1f} s")
    for violation in report.violations:
        console.print(f"[red]violated[/]: {violation}", markup=True, soft_wrap=True)


def _spread(recoveries: list[Recovery]) -> str:
    if not recoveries:
        return ""
    seconds = [each.seconds for each in recoveries]
    return f"{median(seconds):.1f}, {max(seconds):.1f}"
