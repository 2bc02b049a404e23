"""What can be asked of a customer."""

from uuid import UUID

from pydantic import Field, model_validator

from contracts.fields import Code
from runtime import broken_rule
from runtime.requests import ExternalId, Moment, Request, Verb


class OpenCustomer(Verb):
    """A company that we sell to, or want to."""

    name: str = Field(min_length=1, max_length=200)
    sector: Code | None = None
    country: str | None = Field(None, min_length=1, max_length=200)
    parent_id: UUID | None = Field(None, description="the company that owns it")
    owner_id: UUID | None = Field(
        None, description="who looks after it; unless given the caller, for roles that see everything nobody"
    )


class ChangeCustomer(Verb):
    """Changes what is given and leaves the rest; null clears."""

    name: str | None = Field(None, min_length=1, max_length=200)
    sector: Code | None = None
    country: str | None = Field(None, min_length=1, max_length=200)
    parent_id: UUID | None = None

    @model_validator(mode="after")
    def _named(self) -> "ChangeCustomer":
        if "name" in self.model_fields_set and self.name is None:
            raise broken_rule("not_clearable", en="name cannot be null", zh="name 不能为空")
        return self


class ChangeCustomerOwner(Verb):
    """Another person looks after the customer, or nobody (null)."""

    owner_id: UUID | None


class CustomerRow(Request):
    """A customer as another system has it, under its key there. What is not given stays as it is."""

    source: Code
    external_id: ExternalId
    name: str = Field(min_length=1, max_length=200)
    sector: Code | None = None
    country: str | None = Field(None, min_length=1, max_length=200)
    parent_external_id: ExternalId | None = Field(
        None, description="key of the company that owns it, in the same source; it may stand further below"
    )
    owner_code: Code | None = Field(None, description="code of the person who looks after it")
    opened_at: Moment | None = Field(
        None, description="since when it is known, once and for all; now unless given"
    )

    @property
    def key(self) -> tuple[str, str]:
        """Its key."""
        return self.source, self.external_id

    @property
    def parent_key(self) -> tuple[str, str] | None:
        """Its parent's key."""
        return (self.source, self.parent_external_id) if self.parent_external_id else None
