"""What is answered about customers."""

from datetime import datetime
from uuid import UUID

from runtime import View


class CustomerView(View):
    """A customer as it stands."""

    id: UUID
    name: str
    sector: str | None
    country: str | None
    parent_id: UUID | None
    parent_name: str | None
    owner_id: UUID | None
    owner_name: str | None
    opened_at: datetime
    source: str | None
    external_id: str | None
