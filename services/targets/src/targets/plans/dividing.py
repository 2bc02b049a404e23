"""Dividing a target over what lies below it: find the parts, let the rules share out, publish them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.refusal import Refusal
from contracts.targets import MetricDefined, SubjectKind
from messaging import together
from runtime import Principal, discard
from targets.calendar.rules import overlap
from targets.calendar.tables import Period
from targets.metrics.queries import definitions
from targets.metrics.rules import quantum
from targets.plans import loading, rules
from targets.plans.actions import Planner, open_planner
from targets.plans.commands import Division, NewTarget, Over
from targets.plans.division import Portion, Share, portions
from targets.plans.refusals import NothingToDivideOver, PartsOverlap
from targets.plans.tables import Target
from targets.plans.views import DivisionView, PartView, Sum, summed


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that can take part: its code, and in what its target differs from the whole."""

    code: str
    differs: dict[str, Any]
    period: Period | None = None


async def divide_target(
    session: AsyncSession,
    whole: Target,
    asked: Division,
    principal: Principal,
    today: date,
    *,
    validate_only: bool = False,
) -> DivisionView:
    """Publishes the parts of a target that is held, in the transaction that divides it.

    `validate_only` shows them and keeps nothing.
    """
    metric = (await definitions(session))[whole.metric]
    rules.check_divisible(whole, metric)
    pieces = {piece.code: piece for piece in reversed(await _pieces(session, whole, asked, today))}
    shares = rules.shares(asked.parts, sorted(pieces))
    if not shares:
        raise _nothing_to_divide_over(whole, asked, "/over")
    _check_apart([pieces[share.code].period for share in shares])
    _check_given(metric, shares)
    parts = portions(whole.base, whole.challenge, shares, quantum(metric.definition))
    rows = [_row(whole, pieces[part.code], part) for part in parts]
    planner = await open_planner(session, rows, principal, today)
    published = [_publish(planner, row, place) for place, row in enumerate(rows)]
    await planner.save()
    if validate_only:
        discard(session)
    return _view(whole, parts, published, validate_only=validate_only)


async def _pieces(session: AsyncSession, whole: Target, asked: Division, today: date) -> list[Piece]:
    """What the target could be divided over. A unit stands before a person of the same code."""
    if asked.over is Over.dimension:
        if asked.dimension in whole.dimensions:
            raise _nothing_to_divide_over(whole, asked, "/dimension")
        return [_value(whole, asked.dimension or "", part.code) for part in asked.parts or ()]
    period = (await loading.load_periods(session, [whole.period]))[whole.period]
    if asked.over is Over.periods:
        within = await loading.periods_within(session, period)
        named = {part.code for part in asked.parts or ()}
        return [
            Piece(each.code, {"period": each.code}, each)
            for each in within
            if each.code in named or (not named and each.kind == asked.kind)
        ]
    if whole.subject_kind != SubjectKind.unit:
        return []
    day, pieces = rules.day_within(period, today), list[Piece]()
    if asked.over is not Over.people:
        pieces += [
            _subject(SubjectKind.unit, row)
            for row in await loading.units_below(session, whole.subject_id, day)
        ]
    if asked.over is not Over.units:
        pieces += [
            _subject(SubjectKind.person, row) for row in await loading.members(session, whole.subject_id, day)
        ]
    return pieces


def _subject(kind: SubjectKind, row: Any) -> Piece:
    return Piece(row.code, {"subject_kind": kind, "subject_id": row.id})


def _value(whole: Target, dimension: str, value: str) -> Piece:
    return Piece(value, {"dimensions": {**whole.dimensions, dimension: value}})


def _check_apart(periods: Sequence[Period | None]) -> None:
    known = [period for period in periods if period]
    if overlap(known):
        raise PartsOverlap(pointer="/parts", parts=", ".join(period.code for period in known))


def _row(whole: Target, piece: Piece, part: Portion) -> NewTarget:
    same = {
        name: getattr(whole, name)
        for name in ("metric", "subject_kind", "subject_id", "period", "dimensions")
    }
    return NewTarget.model_validate(
        {
            **same,
            **piece.differs,
            "base": part.base,
            "challenge": part.challenge,
            "weight": part.weight,
            "parent_id": whole.id,
            "owner_id": whole.owner_id if "subject_id" not in piece.differs else None,
        }
    )


@contextmanager
def _pointing_to(place: int) -> Iterator[None]:
    """A refusal of a part points to where the division, not the part, says what is wrong."""
    try:
        yield
    except Refusal as refusal:
        if refusal.pointer in ("/base", "/challenge"):
            refusal.pointer = f"/parts/{place}{refusal.pointer}"
        else:
            refusal.pointer = "/dimension" if (refusal.pointer or "").startswith("/dimensions/") else None
        raise


def _check_given(metric: MetricDefined, shares: Sequence[Share]) -> None:
    for place, share in enumerate(shares):
        if share.base is not None:
            with _pointing_to(place):
                rules.check_values(metric, share.base, share.challenge)


def _publish(planner: Planner, row: NewTarget, place: int) -> Target:
    with _pointing_to(place):
        return planner.publish(row)


def _nothing_to_divide_over(whole: Target, asked: Division, pointer: str) -> NothingToDivideOver:
    return NothingToDivideOver(
        pointer=pointer, subject=whole.subject_id, period=whole.period, over=asked.over
    )


def _view(
    whole: Target, parts: Sequence[Portion], published: Sequence[Target], *, validate_only: bool
) -> DivisionView:
    views = [
        PartView.model_validate({**target.model_dump(), **_names(target, validate_only), "code": part.code})
        for part, target in zip(parts, published, strict=True)
    ]
    total = summed(whole.base, whole.challenge, [(part.base, part.challenge) for part in parts])
    return DivisionView(
        published=not validate_only,
        parts=views,
        sum=Sum.model_validate(total),
        token=together(view.token for view in views),
    )


def _names(target: Target, validate_only: bool) -> dict[str, Any]:
    """A trial run leaves nothing behind that could be asked for."""
    return {"id": None, "token": None} if validate_only else {"id": target.id, "token": target.token}
