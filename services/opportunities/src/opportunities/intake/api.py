"""Batches and imports over HTTP."""

from fastapi import Response

from directory import CurrentCaller
from messaging import together
from opportunities.access import operations, writers
from opportunities.intake import actions
from opportunities.intake.rows import HistoryRow, VerbBatch
from runtime import Batch, BatchAnswer, Router, Transaction, ValidateOnly, stamp_batch

router = Router(prefix="/v1", tags=["opportunities"])


@router.post("/opportunities:batch", status_code=207, dependencies=[writers])
async def do_verbs(
    batch: VerbBatch,
    session: Transaction,
    caller: CurrentCaller,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Up to 1,000 verbs in their order, each under the rules that it has alone.

    A refused row does not stop the others. `id` is the opportunity's, `token` is null where nothing changed.
    """
    answer = await actions.do_verbs(session, caller, batch, validate_only=validate_only)
    return stamp_batch(response, answer, together)


@router.post("/opportunities:import", status_code=207, dependencies=[operations])
async def import_history(
    batch: Batch[HistoryRow],
    session: Transaction,
    caller: CurrentCaller,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Up to 1,000 opportunities of another system, with their past.

    The same row again makes no fact (`token` is null); a row that says something else than the last one of
    its key makes only the facts of the difference.
    """
    answer = await actions.import_history(session, caller, batch, validate_only=validate_only)
    return stamp_batch(response, answer, together)
