"""The organisation as its API shows it."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.roles import Role
from runtime import View


class UnitView(View):
    """A unit."""

    id: UUID
    code: str = Field(examples=["east-1"])
    name: str = Field(examples=["华东一组"])
    kind: str = Field(examples=["team"])
    parent_id: UUID | None = Field(
        description="The unit above today; null at the top, before the unit opens and once it is closed"
    )
    manager_id: UUID | None
    region: str | None
    opened_on: date
    closed_on: date | None = Field(description="First day on which it no longer exists")


class PersonView(View):
    """A person."""

    id: UUID
    code: str = Field(examples=["E0042"])
    display_name: str = Field(examples=["王芳"])
    role: Role
    hired_on: date
    left_on: date | None = Field(description="First day on which the person no longer belongs")
    unit_id: UUID | None = Field(description="The unit today")


class MembershipView(BaseModel):
    """The time of a person in a unit: from `valid_from` until before `valid_to`."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    unit_id: UUID
    valid_from: date
    valid_to: date | None = Field(description="Null: without end")
