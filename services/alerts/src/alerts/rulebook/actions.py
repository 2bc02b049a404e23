"""Defining rules."""

from sqlalchemy.ext.asyncio import AsyncSession

from alerts.rulebook import rules
from alerts.rulebook.commands import DefineRule
from alerts.rulebook.refusals import RuleUnchanged
from alerts.rulebook.tables import Rule, RuleVersion
from contracts import registry
from contracts.alerts import RuleDefined
from contracts.event_fields import Fault
from contracts.refusal import NotFound
from messaging import record
from runtime import Precondition
from runtime.saving import take_turns


class RuleFaulty(ValueError):
    """A rule that cannot be computed, with everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.en for fault in faults))
        self.faults = faults


async def define_rule(
    session: AsyncSession, code: str, command: DefineRule, precondition: Precondition, *, by: str
) -> Rule:
    """Defines a rule's next version, or its first. Raises `RuleFaulty` with every fault."""
    faults = [
        Fault(("definition", *each.place), each.code, each.en, each.zh, each.expected)
        for each in rules.definition_faults(command.definition, registry())
    ]
    if found := [*faults, *rules.flow_faults(command.escalation, command.steps)]:
        raise RuleFaulty(found)
    proposed = RuleDefined(
        rule=code, rule_version=1, **{name: getattr(command, name) for name in DefineRule.model_fields}
    )
    return await _state(session, proposed, precondition, by=by)


async def set_active(
    session: AsyncSession, code: str, active: bool, precondition: Precondition, *, by: str
) -> Rule:
    """Puts a rule in force or out of it, as a version of its own."""
    current = await current_version(session, code)
    if current is None:
        raise NotFound(what="rule", id=code)
    return await _state(session, current.model_copy(update={"active": active}), precondition, by=by)


async def current_version(session: AsyncSession, code: str) -> RuleDefined | None:
    """The version in force."""
    rule = await session.get(Rule, code)
    if rule is None:
        return None
    return (await session.get_one(RuleVersion, (code, rule.rule_version))).defined()


async def _state(
    session: AsyncSession, proposed: RuleDefined, precondition: Precondition, *, by: str
) -> Rule:
    code = proposed.rule
    await take_turns(session, "rule", [code])
    rule = await session.get(Rule, code, with_for_update=True)
    if rule is not None:
        precondition.check(rule.version)
    current = await current_version(session, code)
    defined = rules.next_version(proposed, current)
    if defined is None:
        raise RuleUnchanged(
            rule=code, version=proposed.rule_version if current is None else current.rule_version
        )
    if rule is None:
        rule = Rule(code=code, kind=defined.definition.kind, active=defined.active)
        session.add(rule)
    record(session, rule, defined, by=by)
    rule.rule_version, rule.active, rule.kind = defined.rule_version, defined.active, defined.definition.kind
    await session.flush()  # the version refers to its rule
    session.add(
        RuleVersion(
            rule=code,
            version=defined.rule_version,
            definition=defined.model_dump(mode="json"),
            defined_at=rule.latest,
        )
    )
    return rule
