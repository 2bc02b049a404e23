"""Targets as the API shows them."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.targets import SubjectKind
from runtime import View
from targets.figures import Figure


class TargetView(View):
    """A target as it was last agreed."""

    id: UUID
    metric: str = Field(examples=["sales_amount"])
    subject_kind: SubjectKind
    subject_id: UUID
    subject_code: str = Field(examples=["east-1"])
    subject_name: str = Field(examples=["华东一组"])
    period: str = Field(examples=["2026-Q3"])
    dimensions: dict[str, str]
    base: Figure
    challenge: Figure | None
    weight: Figure
    owner_id: UUID | None
    parent_id: UUID | None
    state: Literal["published", "withdrawn"]


class RevisionView(BaseModel):
    """One agreed state of a target; the first is its publication."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    event_id: UUID = Field(description="The fact that stated it")
    base: Figure
    challenge: Figure | None
    reason_code: str | None
    approver_id: str = Field(description="Who approved it")
    effective_on: date | None = Field(description="Null: for the whole period")
    note: str | None


class Sum(BaseModel):
    """Parts against the whole. `base_mismatch` is their sum minus the whole's value."""

    count: int
    base: Figure
    challenge: Figure
    base_mismatch: Figure
    challenge_mismatch: Figure | None = Field(description="Null where the whole has no challenge")


class PartView(BaseModel):
    """A part as it would be, or was, published."""

    id: UUID | None = Field(description="Null in a trial run")
    code: str
    subject_kind: SubjectKind
    subject_id: UUID
    period: str
    dimensions: dict[str, str]
    weight: Figure
    base: Figure
    challenge: Figure | None
    token: str | None = Field(description="Consistency token of the part; null in a trial run")


class DivisionView(BaseModel):
    """A target's division."""

    published: bool
    parts: list[PartView]
    sum: Sum
    token: str | None = Field(description="Consistency token of all parts; null where they are not published")


class SplitSum(Sum):
    """The published parts of one way to divide a target."""

    over: Literal["subjects", "periods", "dimensions"]


class ChildrenView(BaseModel):
    """The parts of a target that the asker sees, and the sums of all."""

    items: list[TargetView]
    hidden: int = Field(description="Parts that the asker may not see; they are in the sums")
    sums: list[SplitSum] = Field(description="Parts of another metric are in no sum")


def summed(
    base: Decimal, challenge: Decimal | None, parts: list[tuple[Decimal, Decimal | None]]
) -> dict[str, Decimal | int | None]:
    """The fields of a `Sum`; a part without a challenge adds its base, which it must reach anyway."""
    total = sum((part for part, _ in parts), Decimal(0))
    stretched = sum((part if stretch is None else stretch for part, stretch in parts), Decimal(0))
    return {
        "count": len(parts),
        "base": total,
        "challenge": stretched,
        "base_mismatch": total - base,
        "challenge_mismatch": None if challenge is None else stretched - challenge,
    }
