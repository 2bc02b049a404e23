"""What may be asked of the organisation: the bodies of its requests."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.dates import RequestDay
from contracts.fields import Code, Name, ReasonCode
from contracts.roles import Role

EffectiveOn = Annotated[
    RequestDay | None, Field(description="First business day on which it holds; today unless given")
]
ParentId = Annotated[UUID | None, Field(description="The unit above; null at the top")]
ParentCode = Annotated[Code | None, Field(description="The unit above by its code, instead of `parent_id`")]
ManagerId = Annotated[UUID | None, Field(description="Who leads it")]
ManagerCode = Annotated[Code | None, Field(description="Who leads it by code, instead of `manager_id`")]
Region = Annotated[Code | None, Field(description="The sales region", examples=["east"])]
Kind = Annotated[Code, Field(description="company, department, region, team, …", examples=["team"])]


class Command(BaseModel):
    """A body: closed, so that a misspelt field is an error and not silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitChange(Command):
    """A change of a unit: what is not named stays."""

    name: Name | None = None
    kind: Kind | None = None
    parent_id: ParentId = None
    parent_code: ParentCode = None
    manager_id: ManagerId = None
    manager_code: ManagerCode = None
    region: Region = None
    effective_on: EffectiveOn = None


class UnitRow(UnitChange):
    """A unit with its code: the code decides whether it is new."""

    code: Annotated[Code, Field(description="Unique in the company", examples=["east-1"])]
    name: Name
    kind: Kind


class UnitClosing(Command):
    closed_on: Annotated[
        RequestDay, Field(description="First business day on which the unit no longer exists")
    ]


class PersonRow(Command):
    """A person with a code: the code decides whether they are new."""

    code: Annotated[Code, Field(description="Unique in the company: an employee number", examples=["E0042"])]
    display_name: Annotated[Name, Field(examples=["王芳"])]
    role: Role
    hired_on: RequestDay
    unit_id: Annotated[UUID | None, Field(description="The unit that the person belongs to")] = None
    unit_code: Annotated[Code | None, Field(description="The unit by its code, instead of `unit_id`")] = None
    member_from: Annotated[
        RequestDay | None,
        Field(description="First business day in the unit; unless given the hire date, or today for a move"),
    ] = None


class RoleChange(Command):
    role: Role


class Move(Command):
    unit_id: Annotated[UUID | None, Field(description="The unit; null: none")] = None
    unit_code: Annotated[Code | None, Field(description="The unit by its code, instead of `unit_id`")] = None
    effective_on: EffectiveOn = None


class Leaving(Command):
    left_on: Annotated[
        RequestDay, Field(description="First business day on which the person no longer belongs")
    ]
    reason_code: Annotated[ReasonCode, Field(examples=["resigned"])]
