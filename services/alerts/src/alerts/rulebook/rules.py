"""When a rule is sound: its events exist, have the fields that it asks for, and its numbers make sense. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from contracts import Event
from contracts.alerts import (
    EscalationStep,
    ReadingRule,
    ResponseStep,
    RuleDefined,
    TimerRule,
    Trigger,
)
from contracts.event_fields import Fault, Kind, condition_faults, event_fields, use_faults
from contracts.leads import Lead
from contracts.opportunities import Deal
from contracts.reporting import Drift
from contracts.targets import Direction

RECORDS: tuple[type[Event], ...] = (Deal, Lead, Drift)
"""Whose facts a timer can be about: an event of these carries the record as it stands after it."""


def definition_faults(definition: TimerRule | ReadingRule, events: Mapping[str, type[Event]]) -> list[Fault]:
    """Everything that keeps the definition from being computed; places lead from the definition."""
    if isinstance(definition, ReadingRule):
        return list(_reading_faults(definition))
    return list(_timer_faults(definition, events))


def flow_faults(escalation: Sequence[EscalationStep], steps: Sequence[ResponseStep]) -> list[Fault]:
    """What is wrong with who is told when, and what is to be done; places lead from the rule."""
    found = [
        Fault(
            ("escalation", n + 1, "after_days"),
            "not_later",
            "A step must be later than the one before",
            "升级天数必须递增",
        )
        for n, (earlier, later) in enumerate(pairwise(escalation))
        if later.after_days <= earlier.after_days
    ]
    codes = [step.code for step in steps]
    found += [
        Fault(("steps", n, "code"), "named_twice", "The step is named twice", "步骤重复")
        for n, code in enumerate(codes)
        if code in codes[:n]
    ]
    return found


def record_of(event: type[Event]) -> type[Event] | None:
    """The record that an event's facts belong to; None where a timer cannot be about it."""
    return next((record for record in RECORDS if issubclass(event, record)), None)


def about(rule: TimerRule, events: Mapping[str, type[Event]]) -> type[Event] | None:
    """The record that a sound rule's timers are about."""
    return record_of(events[rule.starts[0].event_type])


def next_version(proposed: RuleDefined, current: RuleDefined | None) -> RuleDefined | None:
    """The proposal as the version after the current one; None when it says nothing new."""
    if current is None:
        return proposed.model_copy(update={"rule_version": 1})
    if proposed.model_copy(update={"rule_version": current.rule_version}) == current:
        return None
    return proposed.model_copy(update={"rule_version": current.rule_version + 1})


def _timer_faults(rule: TimerRule, events: Mapping[str, type[Event]]) -> Iterator[Fault]:
    usable = sorted(name for name, event in events.items() if record_of(event))
    records = set()
    for part in ("starts", "resets", "ends"):
        for n, trigger in enumerate(getattr(rule, part)):
            place = (part, n)
            if trigger.event_type not in usable:
                yield Fault(
                    (*place, "event_type"),
                    "event_unusable",
                    "A timer is about the events of leads or opportunities, or of drift",
                    "计时规则只能使用线索、商机或数据不一致的事件",
                    usable,
                )
                continue
            event = events[trigger.event_type]
            records.add(record_of(event))
            yield from _trigger_faults(place, trigger, event)
            if rule.keyed_by is not None and part != "ends":
                fields = event_fields(event)
                yield from use_faults(
                    fields, ("keyed_by",), rule.keyed_by, {Kind.identifier, Kind.text, Kind.choice}
                )
    if len(records) > 1:
        yield Fault(
            ("starts",),
            "records_mixed",
            "One rule is about leads, about opportunities or about drift",
            "一条规则只能针对线索、商机或数据不一致之一",
        )
    for record in records:
        if record is not None:
            fields = event_fields(record)
            for n, condition in enumerate(rule.conditions):
                yield from condition_faults(("conditions", n), condition, fields)


def _trigger_faults(place: tuple[str | int, ...], trigger: Trigger, event: type[Event]) -> Iterator[Fault]:
    fields = event_fields(event)
    for n, condition in enumerate(trigger.conditions):
        yield from condition_faults((*place, "conditions", n), condition, fields)


def _reading_faults(rule: ReadingRule) -> Iterator[Fault]:
    if rule.healthy is None:
        return
    higher = rule.direction == Direction.higher_is_better
    if (rule.healthy < rule.alert) if higher else (rule.healthy > rule.alert):
        yield Fault(
            ("healthy",),
            "bands_crossed",
            "The healthy value must be better than the alert",
            "健康值必须优于预警值",
        )
