"""A small company, and the leads service as its people use it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from httpx2 import AsyncClient, Response

from contracts import Role
from leads.main import service
from leads.reactions import directory_projector
from leads.settings import LeadsSettings
from runtime import migrate
from testkit import Database
from testkit.answers import ago, refused, said, sent_statements
from testkit.history import History
from testkit.http import Api
from testkit.projecting import project

__all__ = ["ago", "refused", "said"]

told = History()
COMPANY = told.unit("company", kind="company")
SUE = told.person("S1", role=Role.supervisor)
EAST = told.unit("east", parent=COMPANY, manager=SUE)
told.move(SUE, EAST, date(2020, 1, 1))
WANG = told.person("E1", unit=EAST)
LI = told.person("E2", unit=EAST)
WEST = told.unit("west", parent=COMPANY)
ZHAO = told.person("E3", unit=WEST)
QIAN = told.person("E4", unit=EAST)
told.leave(QIAN, date(2026, 3, 1))
CROWD = [told.person(f"C{number}", unit=WEST) for number in range(50)]

ROLES = {SUE: Role.supervisor}
CHANNELS = ("zhihu", "baidu", "referral")


async def prepare(database: Database) -> None:
    """Migrates and seeds a database, and lets its directory hear of the company."""
    settings = LeadsSettings(database_url=database.url)
    await migrate(service, settings)
    projector = directory_projector(settings)
    await project(projector, told.events)
    await projector.close()
    async with database.connect() as connection:
        await connection.executemany(
            "insert into channel values ($1, $1, $1, true, 0, 0, null)", [(each,) for each in CHANNELS]
        )


_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Bureau:
    """The service as the people of the company use it."""

    api: Api
    numbers: Iterator[int] = field(default_factory=lambda: _numbers)

    def of(self, person: UUID) -> AsyncClient:
        """A client of a person, with the role that they have."""
        return self.api.client(ROLES.get(person, Role.representative), str(person))

    def as_(self, role: Role) -> AsyncClient:
        """A client of a program, or of somebody outside the organisation."""
        return self.api.client(role, role.value)

    @property
    def operations(self) -> AsyncClient:
        """Sales operations, which see everything and may tell of long ago."""
        return self.as_(Role.operations)

    def phone(self) -> str:
        """A number that nobody has yet."""
        return f"1380{next(self.numbers):07d}"

    async def lead(self, person: UUID | None = WANG, **body: Any) -> Any:
        """A new lead, owned by the person, or captured into the pool."""
        given = {
            "channel": "zhihu",
            "company": "长江精密制造有限公司",
            "contact_name": "陈工",
            "phone": self.phone(),
        }
        owner = {"owner_id": str(person)} if person else {}
        return said(await self.operations.post("/v1/leads", json={**given, **owner, **body}), 201)

    async def do(self, person: UUID, lead: Any, verb: str, **body: Any) -> Any:
        """A verb that is expected to succeed."""
        return said(await self.ask(person, lead, verb, **body))

    async def ask(self, person: UUID, lead: Any, verb: str, **body: Any) -> Response:
        """A verb, whatever comes of it."""
        return await self.of(person).post(f"/v1/leads/{lead['id']}/{verb}", json=body)

    async def contact(self, person: UUID, lead: Any, kind: str = "call", **body: Any) -> Any:
        """A contact."""
        answer = await self.of(person).post(f"/v1/leads/{lead['id']}/contacts", json={"kind": kind, **body})
        return said(answer, 201)

    async def read(self, lead: Any, person: UUID | None = None) -> Any:
        """The lead as it stands."""
        client = self.of(person) if person else self.operations
        return said(await client.get(f"/v1/leads/{lead['id']}"))

    async def facts(self, id: str) -> list[Any]:
        """The history of a lead: every fact without the service's name, e.g. `lead.captured`."""
        items = said(await self.operations.get(f"/v1/leads/{id}/history"))["items"]
        return [{**item, "fact": item["type"].split(".", 1)[1].rsplit(".", 1)[0]} for item in items]


def statements(bureau: Bureau) -> AbstractContextManager[list[str]]:
    """The SQL statements that the service sends during the block."""
    return sent_statements(bureau.api)
