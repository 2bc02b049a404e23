"""Backtests over HTTP."""

from fastapi import Depends
from fastapi.exceptions import RequestValidationError

from alerts.backtests.actions import backtest
from alerts.backtests.commands import Backtest
from alerts.backtests.views import BacktestView
from alerts.rulebook.actions import RuleFaulty
from contracts import Role
from contracts.event_fields import Fault
from contracts.roles import LEADERS
from directory import CurrentCaller
from runtime import CurrentDatabase, Router, requires

JUDGES = LEADERS | {Role.director, Role.operations, Role.integrator, Role.bi_reader}
"""Who reads rules and the records of others, each within what they see."""

router = Router(prefix="/v1", tags=["rules"])


@router.post("/rules/{rule}/backtest", dependencies=[Depends(requires(*JUDGES))])
async def backtest_rule(
    rule: str, command: Backtest, database: CurrentDatabase, caller: CurrentCaller
) -> BacktestView:
    """What the rule would have done between two dates: when, for whom and how often, and what became of the records;
    with other settings beside it. By when facts occurred: one that was told late counts as if told at once.
    """
    try:
        return await backtest(database, caller, rule, command)
    except RuleFaulty as faulty:
        raise RequestValidationError([_error(fault) for fault in faulty.faults]) from faulty


def _error(fault: Fault) -> dict[str, object]:
    expected = {"expected": fault.expected} if fault.expected else {}
    return {
        "type": fault.code,
        "loc": ("body", *fault.place),
        "msg": fault.en,
        "ctx": {"zh": fault.zh, **expected},
    }
