"""ETags and If-Match: no change overwrites one that its author has not seen (RFC 9110, AIP-154)."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from starlette.responses import Response

from contracts.refusal import StaleVersion
from runtime.problems.refusals import IfMatchRequired


@dataclass(frozen=True, slots=True)
class Precondition:
    """The versions that the caller accepts; None: any."""

    header: str | None

    def check(self, version: int) -> None:
        """Raises `StaleVersion` unless the record stands at a version that the caller named."""
        if self.header is None or self.header.strip() == "*":
            return
        # Strong comparison: a weak tag (`W/"3"`) matches nothing.
        if etag(version) not in (tag.strip() for tag in self.header.split(",")):
            raise StaleVersion(asked=self.header, current=etag(version))


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    """Tells the caller which version the answer shows."""
    response.headers["ETag"] = etag(version)


async def required(
    if_match: Annotated[str | None, Header(description="ETag of the record as you read it; required")] = None,
) -> Precondition:
    """The precondition of a PATCH, PUT or DELETE. Raises `IfMatchRequired` without one."""
    if if_match is None:
        raise IfMatchRequired
    return Precondition(if_match)


async def optional(
    if_match: Annotated[str | None, Header(description="ETag of the record as you read it")] = None,
) -> Precondition:
    """The precondition of a verb: checked when the caller sends one."""
    return Precondition(if_match)


IfMatch = Annotated[Precondition, Depends(required)]
OptionalIfMatch = Annotated[Precondition, Depends(optional)]
