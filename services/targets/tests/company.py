"""A small company for tests: co → east (team e1) and west, a manager of east, two representatives in e1."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from httpx2 import AsyncClient, Response

from contracts import Role
from testkit.http import Api

FIRST_DAY = "2020-01-01"


def unit(code: str, parent: str | None = None, kind: str = "region", **more: Any) -> dict[str, Any]:
    """A row of the units' batch."""
    return {
        "code": code,
        "name": f"Unit {code}",
        "kind": kind,
        "parent_code": parent,
        "effective_on": FIRST_DAY,
        **more,
    }


def person(code: str, unit: str | None = None, role: str = "representative", **more: Any) -> dict[str, Any]:
    """A row of the people's batch."""
    return {
        "code": code,
        "display_name": f"Person {code}",
        "role": role,
        "hired_on": FIRST_DAY,
        "unit_code": unit,
        **more,
    }


def target(subject: str, base: str, *, kind: str = "unit", **more: Any) -> dict[str, Any]:
    """The body of a target on sales of 2026."""
    return {
        "metric": "sales_amount",
        "subject_kind": kind,
        "subject_code": subject,
        "period": "2026",
        "base": base,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Company:
    """The running service with the company in it, and the ids of its units and people by code."""

    api: Api
    ids: dict[str, str]

    @property
    def operations(self) -> AsyncClient:
        """A client of sales operations."""
        return self.api.client(Role.operations, "operations")

    def as_person(self, role: Role, code: str) -> AsyncClient:
        """A client of one of the company's people."""
        return self.api.client(role, self.ids[code])

    async def post(self, path: str, body: dict[str, Any], **options: Any) -> Response:
        """What operations is answered."""
        return await self.operations.post(f"/v1/{path}", json=body, **options)

    async def published(self, body: dict[str, Any]) -> dict[str, Any]:
        """A target that operations published."""
        answer = await self.post("targets", body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def history(self, path: str) -> list[str]:
        """The types of a record's facts, in short."""
        answer = await self.operations.get(f"/v1/{path}/history")
        return [item["type"].removeprefix("targets.") for item in answer.json()["items"]]


async def found_company(api: Api) -> dict[str, str]:
    """Founds the company over the API; the ids of its units and people by code."""
    operations = api.client(Role.operations, "operations")
    ids: dict[str, str] = {}

    async def batch(path: str, rows: list[dict[str, Any]]) -> None:
        answer = await operations.post(f"/v1/{path}:batch", json={"items": rows})
        assert answer.json()["failed"] == 0, answer.text
        ids.update((row["code"], item["id"]) for row, item in zip(rows, answer.json()["items"], strict=True))

    await batch("units", [unit("co", kind="company"), unit("east", "co"), unit("west", "co")])
    await batch("units", [unit("e1", "east", kind="team")])
    await batch("people", [person("mia", "east", "manager"), person("ann", "e1"), person("bob", "e1")])
    await batch("people", [person("wu", "west")])
    await batch("units", [unit("east", "co", manager_code="mia", region="east")])
    return ids


def problem(answer: Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def today() -> date:
    """The business day in Shanghai, where the tests' company works."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()
