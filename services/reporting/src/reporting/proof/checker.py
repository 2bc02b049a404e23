"""The clock of the continuous proof."""

from datetime import datetime

import structlog

from messaging import ProjectionOutdated, ProjectionSwapped, Projector
from reporting.proof import actions
from reporting.proof.evidence import ROWS, prover
from reporting.proof.sums import SUMS
from reporting.proof.walks import walk_log, walk_roots
from reporting.settings import ReportingSettings
from runtime import Database, Rounds
from runtime.metrics import DRIFTING, PROVED

log = structlog.get_logger(__name__)


def checker(settings: ReportingSettings, database: Database, projector: Projector) -> Rounds:
    """The worker; any number of processes may run it, each on another piece.

    While Kafka is away the rows are still proved; a check that fails stops nothing else, so that it is not called
    stuck before it has failed ten times.
    """
    proving = prover(projector)

    async def round_of(now: datetime) -> bool:
        try:
            async with database.connection() as connection, database.transaction() as session:
                proved = await walk_roots(session, connection, proving, now, settings.prove_roots)
            PROVED.labels("reporting", "roots").inc(proved or 0)
        except (ProjectionSwapped, ProjectionOutdated) as passing:
            log.info("nothing was proved", reason=type(passing).__name__)
        async with database.transaction() as session:
            drifting = await actions.drifting(session)
        for table in {*ROWS, *SUMS}:
            DRIFTING.labels("reporting", table).set(drifting.get(table, 0))
        async with database.connection() as connection, database.transaction() as session:
            heard = await walk_log(session, connection, projector, now, settings.prove_records)
        PROVED.labels("reporting", "records").inc(heard or 0)
        return False

    patience = max(settings.stalled_after, 10 * settings.prove_every)
    return Rounds("proof", round_of, every=settings.prove_every, patience=patience)
