"""Who gets the next lead, and when one falls back into the pool."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from contracts.leads import AssignmentKind, AssignmentRuleDefined, Member, PoolRuleDefined


class Sorted(Protocol):
    """What rules sort leads by."""

    @property
    def channel(self) -> str: ...

    @property
    def level(self) -> str | None: ...


class Narrowed(Protocol):
    """What a rule is narrowed to; an empty list means all."""

    @property
    def channels(self) -> list[str]: ...

    @property
    def levels(self) -> list[str]: ...


def concerns(rule: Narrowed, lead: Sorted) -> bool:
    """Whether the rule is about such leads."""
    return (not rule.channels or lead.channel in rule.channels) and (
        not rule.levels or lead.level in rule.levels
    )


def daily_share(member: Member, window_days: int) -> int | None:
    """How many leads a person takes on one business day: the capacity of the window spread evenly over its days,
    rounded down. 120 in 30 days are 4 a day. None: no limit.
    """
    return None if member.capacity is None else member.capacity // window_days


@dataclass(slots=True)
class Turns:
    """The state of the rules on one business day; it changes with every lead that is given away."""

    rules: Sequence[AssignmentRuleDefined]
    present: Collection[UUID]
    """Who works here on that day."""
    last: dict[str, UUID | None] = field(default_factory=dict)
    """By rule: who got the last one."""
    taken: dict[UUID, int] = field(default_factory=dict)
    """How many leads the rules gave each person that day."""

    def next(self, lead: Sorted) -> tuple[AssignmentRuleDefined, UUID] | None:
        """The rule that decides, and who gets the lead. None: no rule is about it, or nobody has room today.

        Rules are asked by priority, then code; the first one with somebody who has room decides.
        """
        for rule in sorted(self.rules, key=lambda each: (each.priority, each.assignment_rule)):
            if rule.active and concerns(rule, lead) and (person := self._of(rule)):
                self.last[rule.assignment_rule] = person
                self.taken[person] = self.taken.get(person, 0) + 1
                return rule, person
        return None

    def with_room(self) -> list[AssignmentRuleDefined]:
        """The rules with somebody who has room today: each lead that one of them is about finds an owner."""
        return [rule for rule in self.rules if rule.active and self._free(rule)]

    def _of(self, rule: AssignmentRuleDefined) -> UUID | None:
        free = self._free(rule)
        if not free:
            return None
        if rule.kind == AssignmentKind.capacity:
            return max(free, key=lambda each: self._room(rule, each)).person_id  # of equals the first
        return self._after_last(rule, free)

    def _free(self, rule: AssignmentRuleDefined) -> list[Member]:
        return [
            each for each in rule.members if each.person_id in self.present and self._room(rule, each) > 0
        ]

    def _room(self, rule: AssignmentRuleDefined, member: Member) -> float:
        share = daily_share(member, rule.window_days)
        return float("inf") if share is None else share - self.taken.get(member.person_id, 0)

    def _after_last(self, rule: AssignmentRuleDefined, free: Sequence[Member]) -> UUID:
        """In turn: the next in the rule's order after who got the last one, passing over those without room."""
        order = [each.person_id for each in rule.members]
        last = self.last.get(rule.assignment_rule)
        start = order.index(last) + 1 if last in order else 0
        able = {each.person_id for each in free}
        return next(person for person in [*order[start:], *order[:start]] if person in able)


def define_assignment_rule(code: str, version: int, **given: object) -> AssignmentRuleDefined:
    """The next version of a rule of assignment."""
    return AssignmentRuleDefined.model_validate({**given, "assignment_rule": code, "rule_version": version})


def define_pool_rule(code: str, version: int, **given: object) -> PoolRuleDefined:
    """The next version of a rule of release."""
    return PoolRuleDefined.model_validate({**given, "pool_rule": code, "rule_version": version})


def due_before(rule: PoolRuleDefined, today: date) -> date:
    """Leads touched last before this business day fall into the pool today: `after_days` whole days have passed since
    (untouched since June 30th + 90 days: released on September 29th, 00:00).
    """
    return today - timedelta(days=rule.after_days)


def first_concerned(rules: Iterable[PoolRuleDefined], lead: Sorted) -> PoolRuleDefined | None:
    """The rule of release that decides about a lead: the first by priority, then code."""
    ordered = sorted(rules, key=lambda each: (each.priority, each.pool_rule))
    return next((each for each in ordered if each.active and concerns(each, lead)), None)


def taken_since(before: Mapping[UUID, int], after: Mapping[UUID, int]) -> dict[UUID, int]:
    """How many leads each person got between two states."""
    return {
        person: count - before.get(person, 0)
        for person, count in after.items()
        if count > before.get(person, 0)
    }
