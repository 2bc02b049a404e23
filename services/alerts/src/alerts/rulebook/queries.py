"""Reading rules."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from alerts.rulebook.tables import Rule, RuleVersion
from alerts.rulebook.views import RuleView
from contracts.alerts import RuleDefined
from contracts.refusal import NotFound
from runtime import Page, PageRequest, matches, page


async def find_rule(session: AsyncSession, code: str) -> RuleView:
    """The version of a rule that is in force. Raises `NotFound`."""
    row = (await session.execute(_current().where(col(Rule.code) == code))).one_or_none()
    if row is None:
        raise NotFound(what="rule", id=code)
    return _view(row)


async def list_rules(
    session: AsyncSession,
    query: PageRequest,
    *,
    kind: Literal["timer", "reading"] | None,
    active: bool | None,
    text: str | None,
) -> Page[RuleView]:
    """The rules, by code."""
    conditions: list[ColumnElement[bool]] = [matches(text, Rule.code)]
    if kind is not None:
        conditions.append(col(Rule.kind) == kind)
    if active is not None:
        conditions.append(col(Rule.active) == active)
    return await page(
        session,
        _current().where(*conditions),
        keys=[(Rule.code, "asc")],
        query=query,
        view=_view,
        filters={"kind": kind, "active": active, "text": text},
    )


async def list_versions(session: AsyncSession, code: str) -> list[RuleView]:
    """Every version of a rule, the newest first. Raises `NotFound`."""
    statement = (
        select(Rule, RuleVersion)
        .join(RuleVersion, col(RuleVersion.rule) == col(Rule.code))
        .where(col(Rule.code) == code)
        .order_by(col(RuleVersion.version).desc())
    )
    found = [_view(row) for row in await session.execute(statement)]
    if not found:
        raise NotFound(what="rule", id=code)
    return found


def _current() -> Any:
    return select(Rule, RuleVersion).join(
        RuleVersion,
        and_(col(RuleVersion.rule) == col(Rule.code), col(RuleVersion.version) == col(Rule.rule_version)),
    )


def _view(row: Any) -> RuleView:
    rule: Rule = row.Rule
    version: RuleVersion = row.RuleVersion
    said = version.defined()
    return RuleView(
        **{
            name: getattr(said, name)
            for name in RuleView.model_fields.keys() & RuleDefined.model_fields.keys()
        },
        code=rule.code,
        defined_at=version.defined_at,
        version=rule.version,
        token=rule.token,
    )
