"""Who may own an opportunity or a customer."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from opportunities.owners.refusals import OwnerHasLeft, UnknownOwner


@dataclass(frozen=True, slots=True)
class Owner:
    """A person as the directory knows them; `assignable` when the asker may give them records."""

    id: UUID
    left_on: date | None
    assignable: bool


def may_own(person: Owner | None, asked: object, on: date, *, pointer: str = "/owner_id") -> UUID:
    """The person's id; refuses somebody unknown, out of the asker's reach, or gone on that business day."""
    if person is None or not person.assignable:
        raise UnknownOwner(pointer=pointer, asked=asked)
    if person.left_on is not None and person.left_on <= on:
        raise OwnerHasLeft(pointer=pointer, asked=asked, left_on=person.left_on)
    return person.id
