"""How rules of assignment and of the pool are asked for."""

from pydantic import Field, field_validator

from contracts.fields import AddressCode, Code
from contracts.leads import AssignmentKind, Member
from runtime import broken_rule
from runtime.requests import Request


class DefineAssignmentRule(Request):
    """A rule of assignment, or its next version."""

    name_en: str = Field(min_length=1, max_length=200)
    name_zh: str = Field(min_length=1, max_length=200)
    kind: AssignmentKind = Field(description="in turn, or to whom has most room left")
    priority: int = Field(100, ge=0, le=10_000, description="the lowest is asked first")
    channels: list[AddressCode] = Field(default_factory=list, max_length=100, description="empty: all")
    levels: list[Code] = Field(default_factory=list, max_length=100, description="empty: all")
    members: list[Member] = Field(min_length=1, max_length=1_000, description="in the order of their turns")
    window_days: int = Field(
        30, ge=1, le=366, description="a capacity holds for so many days; a day's share is rounded down"
    )
    active: bool = True

    @field_validator("members")
    @classmethod
    def _each_once(cls, members: list[Member]) -> list[Member]:
        if len({member.person_id for member in members}) < len(members):
            raise broken_rule(
                "member_twice",
                en="a person may stand in members once",
                zh="同一人员只能在 members 中出现一次",
            )
        return members


class DefinePoolRule(Request):
    """A rule of release to the pool, or its next version."""

    name_en: str = Field(min_length=1, max_length=200)
    name_zh: str = Field(min_length=1, max_length=200)
    priority: int = Field(100, ge=0, le=10_000, description="the lowest is asked first")
    channels: list[AddressCode] = Field(default_factory=list, max_length=100, description="empty: all")
    levels: list[Code] = Field(default_factory=list, max_length=100, description="empty: all")
    after_days: int = Field(
        ge=1, le=3_650, description="days without a contact; released on the day after the last of them"
    )
    active: bool = True
