"""What changes the metrics: lock, ask the rule, write the version, record the fact."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts import registry
from contracts.event_fields import Fault
from messaging import record
from runtime import Precondition
from targets.claims import claim, hold
from targets.metrics import queries, rules
from targets.metrics.commands import MetricDefinition
from targets.metrics.tables import Metric, MetricVersion


class DefinitionFaulty(ValueError):
    """A definition that cannot be computed, with everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.en for fault in faults))
        self.faults = faults


async def define_metric(
    session: AsyncSession, asked: MetricDefinition, if_match: Precondition, by: str
) -> Metric:
    """A new metric, or the next version of a known one; what is said already makes no fact.

    Raises `DefinitionFaulty` with every fault.
    """
    await hold(session, "metrics")
    known = await queries.definitions(session)
    meanings = {code: fact.definition for code, fact in known.items()}
    if found := rules.faults(asked.code, asked.definition, registry(), meanings):
        raise DefinitionFaulty(found)
    metric = (await claim(session, Metric, [{"code": asked.code, "metric_version": 0}]))[asked.code]
    if metric.sequence:
        if_match.check(metric.version)
    fact = rules.next_version(asked.fact(1), known.get(asked.code))
    if fact is None:
        return metric
    metric.metric_version = fact.metric_version
    session.add(MetricVersion.model_validate(fact.model_dump(mode="json")))
    record(session, metric, fact, by=by)
    await session.flush()
    return metric
