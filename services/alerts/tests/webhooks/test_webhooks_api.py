"""Defining webhooks over HTTP."""

import pytest

from alerts.settings import AlertsSettings
from contracts import Role

from .house import ACKNOWLEDGED, RAISED, House, refused, said

URL = "https://example.com/attain"


async def facts(house: House, webhook: dict[str, str]) -> list[str]:
    history = said(await house.administrator.get(f"/v1/webhooks/{webhook['id']}/history"))
    return [item["type"].removeprefix("alerts.webhook.") for item in history["items"]]


async def test_a_webhook_is_defined_and_its_secret_shown_once(house: House) -> None:
    body = {"url": URL, "event_types": [RAISED, ACKNOWLEDGED, RAISED], "description": "运维群"}
    answer = await house.administrator.post("/v1/webhooks", json=body)
    made = said(answer, 201)
    assert made["secret"].startswith("whsec_")
    assert made["event_types"] == [ACKNOWLEDGED, RAISED]
    read = await house.administrator.get(answer.headers["Location"])
    assert said(read) == {name: value for name, value in made.items() if name != "secret"}
    assert read.headers["ETag"] == '"1"'
    listed = said(
        await house.administrator.get("/v1/webhooks", params={"active": True, "event_type": RAISED})
    )
    assert [item["id"] for item in listed["items"]] == [made["id"]]
    assert made["secret"] not in str(listed)


async def test_what_could_never_be_called_is_refused(house: House) -> None:
    async def ask(url: str, *types: str) -> object:
        return await house.administrator.post(
            "/v1/webhooks", json={"url": url, "event_types": types or [RAISED]}
        )

    for url, code in (
        ("ftp://example.com/", "request_invalid"),
        ("no address", "request_invalid"),
        ("https://user:word@example.com/", "webhook_address_insecure"),
        ("https://10.0.0.7/", "webhook_address_not_public"),
        ("https://0x0a.7/", "webhook_address_not_public"),
        ("https://[fd00::1]/", "webhook_address_not_public"),
    ):
        refused(await ask(url), 422, code)  # type: ignore[arg-type]
    problem = refused(await ask(URL, "alerts.rule.defined.v1"), 422, "event_type_not_offered")  # type: ignore[arg-type]
    assert (problem["errors"][0]["pointer"], RAISED in problem["detail"]) == ("/event_types/0", True)


async def test_a_webhook_is_changed_switched_off_and_on_again(house: House) -> None:
    webhook = await house.webhook(URL)
    path = f"/v1/webhooks/{webhook['id']}"
    refused(await house.administrator.patch(path, json={"active": False}), 428, "if_match_required")
    for change, shown in (
        ({"event_types": [ACKNOWLEDGED], "description": "夜班"}, (True, None)),
        ({"active": False}, (False, "switched_off")),
        ({"active": True, "url": "https://example.org/"}, (True, None)),
        ({"active": True}, (True, None)),
    ):
        version = (await house.administrator.get(path)).headers["ETag"]
        changed = said(await house.administrator.patch(path, json=change, headers={"If-Match": version}))
        assert (changed["active"], changed["disabled_reason"]) == shown
    assert (changed["url"], changed["description"]) == ("https://example.org/", "夜班")
    assert await facts(house, webhook) == ["defined.v1", "defined.v1", "disabled.v1", "defined.v1"]
    stale = await house.administrator.patch(path, json={"active": False}, headers={"If-Match": '"1"'})
    refused(stale, 412, "stale_version")
    cleared = await house.administrator.patch(path, json={"url": None}, headers={"If-Match": "*"})
    refused(cleared, 422, "request_invalid")


async def test_a_deleted_webhook_is_gone_with_its_address_and_its_secret(house: House) -> None:
    webhook = await house.webhook(URL)
    path = f"/v1/webhooks/{webhook['id']}"
    gone = await house.administrator.delete(path, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.text) == (204, "")
    refused(await house.administrator.get(path), 404, "not_found")
    refused(await house.administrator.get(f"{path}/deliveries"), 404, "not_found")
    async with house.api.database.connect() as connection:
        kept = await connection.fetchrow("select * from webhook where id = $1", webhook["id"])
        assert kept is not None
        assert webhook["secret"] not in str(kept)
        assert URL not in str(kept)


async def test_a_secret_is_rotated_and_each_is_a_fact_without_it(house: House) -> None:
    webhook = await house.webhook(URL)
    rotated = said(await house.administrator.post(f"/v1/webhooks/{webhook['id']}/rotate-secret"))
    assert rotated["secret"] != webhook["secret"]
    assert rotated["previous_until"] is not None
    assert await facts(house, webhook) == ["defined.v1", "secret_rotated.v1"]
    async with house.api.database.connect() as connection:
        told = await connection.fetchval(
            "select string_agg(encode(envelope, 'escape'), '') from messaging.ledger"
        )
    for secret in (webhook["secret"], rotated["secret"], "example.com"):
        assert secret not in told


async def test_webhooks_are_for_those_who_configure(house: House) -> None:
    for role in Role:
        answer = await house.api.client(role).get("/v1/webhooks")
        assert answer.status_code == (200 if role in (Role.administrator, Role.operations) else 403), role


def test_production_refuses_webhooks_to_its_own_machine() -> None:
    with pytest.raises(ValueError, match="ATTAIN_WEBHOOK_ALLOW_LOOPBACK"):
        AlertsSettings(
            environment="production",
            token_issuer="https://id.example.com",
            jwks="https://id.example.com/keys",
            webhook_allow_loopback=True,
        )
