"""Batches and imports over HTTP."""

from fastapi import Response

from directory import CurrentCaller
from leads.access import operations, sellers
from leads.intake import history, verbs
from leads.intake.rows import HistoryRow, VerbBatch
from messaging import together
from runtime import Batch, BatchAnswer, Router, Transaction, ValidateOnly, stamp_batch

router = Router(prefix="/v1", tags=["leads"])


@router.post("/leads:batch", status_code=207, dependencies=[sellers])
async def do_lead_verbs(
    batch: VerbBatch,
    session: Transaction,
    caller: CurrentCaller,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Up to 1,000 verbs in their order, each under the rules that it has alone.

    A refused row does not stop the others. `id` is the lead's, `token` is null where nothing changed; a capture of a
    lead that is known is answered with that one and status 200.
    """
    answer = await verbs.do_verbs(session, caller, batch, validate_only=validate_only)
    return stamp_batch(response, answer, together)


@router.post("/leads:import", status_code=207, dependencies=[operations])
async def import_leads(
    batch: Batch[HistoryRow],
    session: Transaction,
    caller: CurrentCaller,
    response: Response,
    validate_only: ValidateOnly = False,
) -> BatchAnswer:
    """Up to 1,000 leads of another system, with what became of them.

    The same row again makes no fact (`token` is null); a row that says something else than the last one of its key
    makes only the facts of the difference. `warnings` say what was taken otherwise than the row says.
    """
    answer = await history.import_history(session, caller, batch, validate_only=validate_only)
    return stamp_batch(response, answer, together)
