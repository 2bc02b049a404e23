"""Backtests over HTTP."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError

from alerts.access import JUDGES
from alerts.backtests.actions import backtest
from alerts.backtests.commands import Backtest
from alerts.backtests.views import BacktestView
from alerts.rulebook.actions import RuleFaulty
from directory import CurrentCaller
from runtime import CurrentDatabase, requires

router = APIRouter(prefix="/v1", tags=["rules"])


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
