"""How fresh a report is, and waiting for a write that the asker has just made."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

from asyncpg import Record
from fastapi import Depends, Header
from fastapi import Query as Parameter
from pydantic import BaseModel, Field

from messaging import NotAToken, applied, freshness_query
from reporting.projector import SCHEMA
from runtime import ReadingConnection, Router, Snapshot
from runtime.csv_export import cell
from runtime.problems import ProtocolRefusal

FRESHNESS = freshness_query(SCHEMA)
"""One row: `applied_to`, `behind_events`, `parked_roots`."""

LONGEST_WAIT = 2.0
"""Seconds that a report waits for the fact that a token names."""


class Freshness(BaseModel):
    """How far the reports have heard."""

    applied_to: datetime | None = Field(description="when the last fact that was applied was recorded")
    behind_events: int = Field(description="facts that were published and not yet applied")
    parked_roots: int = Field(description="records whose facts wait for a repair and are not counted")

    @classmethod
    def of(cls, row: Record) -> Self:
        """The freshness of a row with the columns of `FRESHNESS`."""
        return cls(
            applied_to=row["applied_to"], behind_events=row["behind_events"], parked_roots=row["parked_roots"]
        )

    @property
    def headers(self) -> dict[str, str]:
        """The same for an answer without a place for it, such as a CSV."""
        return {
            "Attain-Applied-To": cell(self.applied_to),
            "Attain-Behind-Events": str(self.behind_events),
            "Attain-Parked-Roots": str(self.parked_roots),
        }


class NotYetApplied(ProtocolRefusal):
    code = "not_yet_applied"
    status = 503
    en = "The report has not heard of your change yet"
    zh = "报表尚未包含您的更改"
    en_detail = "The fact {token} was not applied within {seconds} s. Repeat the request after a moment."
    zh_detail = "事实 {token} 在 {seconds} 秒内尚未计入。请稍后重试。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class TokenMalformed(ProtocolRefusal):
    code = "token_malformed"
    status = 422
    en = "The consistency token is malformed"
    zh = "一致性令牌格式错误"
    en_detail = "{token} is no token; take it unchanged from the answer to your change."
    zh_detail = "{token} 不是有效的令牌;请原样使用更改请求所返回的令牌。"


async def wait_for_change(
    connection: ReadingConnection,
    after: Annotated[
        str | None, Parameter(description="consistency token of a change: the report waits up to 2 s for it")
    ] = None,
    attain_after: Annotated[str | None, Header(description="the same as `after`")] = None,
) -> None:
    """Waits until the change of the token is in the report. Raises `NotYetApplied`, `TokenMalformed`.

    It stands before the route's snapshot, which would not see the change come.
    """
    token = after or attain_after
    if token is None:
        return
    try:
        if not await applied(connection, token, LONGEST_WAIT, schema=SCHEMA):
            raise NotYetApplied(token=token, seconds=LONGEST_WAIT)
    except NotAToken as error:
        raise TokenMalformed(token=token) from error


async def freshness_of(snapshot: Snapshot) -> Freshness:
    """How fresh the request's own snapshot is."""
    [row] = await snapshot.fetch(FRESHNESS)
    return Freshness.of(row)


CurrentFreshness = Annotated[Freshness, Depends(freshness_of)]
waits = Depends(wait_for_change)

router = Router(prefix="/v1", tags=["freshness"], dependencies=[waits])


@router.get("/freshness")
async def read_freshness(freshness: CurrentFreshness) -> Freshness:
    """How far the reports have heard. With a consistency token: after the change that it stands for."""
    return freshness
