"""A small company, and the service as its people use it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from httpx2 import AsyncClient, Response

from contracts import Role
from opportunities.main import service
from opportunities.reactions import directory_projector
from opportunities.settings import OpportunitiesSettings
from runtime import migrate
from testkit import Database
from testkit.answers import ago, refused, said, sent_statements
from testkit.history import History
from testkit.http import Api
from testkit.projecting import project

__all__ = ["ago", "refused", "said"]

LEFT_ON = date(2026, 3, 1)
WAY = ("prospect", "intent", "proposal", "contract")

told = History()
COMPANY = told.unit("company", kind="company")
MAX = told.person("M1", role=Role.manager)
EAST = told.unit("east", parent=COMPANY, manager=MAX)
SUE = told.person("S1", role=Role.supervisor)
SHANGHAI = told.unit("shanghai", parent=EAST, manager=SUE)
told.move(MAX, EAST, date(2020, 1, 1))
told.move(SUE, SHANGHAI, date(2020, 1, 1))
WANG = told.person("E1", unit=SHANGHAI)
LI = told.person("E2", unit=SHANGHAI)
WEST = told.unit("west", parent=COMPANY)
ZHAO = told.person("E3", unit=WEST)
QIAN = told.person("E4", unit=SHANGHAI)
told.leave(QIAN, LEFT_ON)
DORA = told.person("D1", role=Role.director)

ROLES = {MAX: Role.manager, SUE: Role.supervisor, DORA: Role.director}


async def prepare(database: Database) -> None:
    """Migrates and seeds a database, and lets its directory hear of the company."""
    settings = OpportunitiesSettings(database_url=database.url)
    await migrate(service, settings)
    projector = directory_projector(settings)
    await project(projector, told.events)
    await projector.close()


@dataclass(frozen=True, slots=True)
class Office:
    """The service as the people of the company use it."""

    api: Api

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

    async def customer(self, person: UUID = WANG, **body: Any) -> Any:
        """A new customer."""
        answer = await self.of(person).post("/v1/customers", json={"name": "长江精密制造", **body})
        return said(answer, 201)

    async def opportunity(self, person: UUID = WANG, stage: str = "prospect", **body: Any) -> Any:
        """An opportunity of the person that has come to a stage."""
        given = {"title": "MES 一期", "amount": "1200.00", **body}
        if stage == "contract":
            given.setdefault("customer_id", (await self.customer(person))["id"])
        opened = said(await self.of(person).post("/v1/opportunities", json=given), 201)
        for following in WAY[1 : WAY.index(stage) + 1]:
            opened = await self.do(person, opened, "change-stage", stage=following)
        return opened

    async def do(self, person: UUID, opportunity: Any, verb: str, **body: Any) -> Any:
        """A verb that is expected to succeed."""
        return said(await self.ask(person, opportunity, verb, **body), 200)

    async def ask(self, person: UUID, opportunity: Any, verb: str, **body: Any) -> Response:
        """A verb, whatever comes of it."""
        return await self.of(person).post(f"/v1/opportunities/{opportunity['id']}/{verb}", json=body)

    async def facts(self, kind: str, id: str) -> list[Any]:
        """The history of a record: every fact without the service's name, e.g. `opportunity.won`."""
        items = said(await self.operations.get(f"/v1/{kind}/{id}/history"))["items"]
        return [{**item, "fact": item["type"].split(".", 1)[1].rsplit(".", 1)[0]} for item in items]


def statements(office: Office) -> AbstractContextManager[list[str]]:
    """The SQL statements that the service sends through SQLAlchemy during the block."""
    return sent_statements(office.api)
