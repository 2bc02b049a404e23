"""The rows of customers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from contracts.companies import company_key
from contracts.opportunities import CustomerAttributes, CustomerOpened, CustomerOwnerChanged
from opportunities.rows import KeyedRow
from runtime.columns import INSTANT, TEXT


class Customer(KeyedRow, table=True):
    """A company that we sell to. `source` and `external_id` are its key in the system that it came from."""

    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index(
            "customer_name_trigrams", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
        ),
        Index("customer_name", "name", "id"),
        Index("customer_opened_at", "opened_at", "id"),
        Index("customer_name_key", "name_key", "opened_at"),
    )

    name: str = Field(sa_type=TEXT)
    name_key: str = Field(sa_type=TEXT, description="what the same company has, however its name is written")
    sector: str | None = Field(default=None, sa_type=TEXT)
    country: str | None = Field(default=None, sa_type=TEXT)
    parent_id: UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    owner_id: UUID | None = Field(default=None, index=True)
    opened_at: datetime = Field(sa_type=INSTANT)

    def attributes(self) -> CustomerAttributes:
        """The row as the rules see it."""
        return CustomerAttributes(
            customer_id=self.id,
            name=self.name,
            sector=self.sector,
            country=self.country,
            parent_id=self.parent_id,
            owner_id=self.owner_id,
        )

    def take(self, event: CustomerAttributes | CustomerOwnerChanged) -> None:
        """Makes the row what a fact says that was just recorded for it."""
        self.owner_id = event.owner_id
        if isinstance(event, CustomerAttributes):
            self.name, self.sector, self.country = event.name, event.sector, event.country
            self.name_key = company_key(event.name)
            self.parent_id = event.parent_id
        if isinstance(event, CustomerOpened):
            self.opened_at = self.latest
