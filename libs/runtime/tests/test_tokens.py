"""Who may come in: issuer, audience, expiry, algorithm, key, role."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from contracts.refusal import Refusal
from contracts.roles import Role
from runtime import Issuer, Settings, open_routes
from runtime.tokens import IssuerRefused, Verifier, keys


@pytest.fixture
def verifier(jwks: Path) -> Verifier:
    return Verifier(Settings(jwks=str(jwks)))


async def reason(verifier: Verifier, token: str) -> str:
    with pytest.raises(Refusal) as refused:
        await verifier.verify(token)
    assert refused.value.code == "unauthenticated"
    return refused.value.detail("en")


def claims(**changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC).timestamp()
    good = {"iss": "attain-development", "aud": "attain", "sub": "x", "role": "operations", "exp": now + 60}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


async def test_a_token_of_the_issuer_names_its_principal(issuer: Issuer, verifier: Verifier) -> None:
    principal = await verifier.verify(issuer.issue("p-1", Role.manager, name="王芳"))
    assert (principal.id, principal.role, principal.name) == ("p-1", Role.manager, "王芳")


async def test_an_expired_token_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    old = issuer.issue("p-1", Role.manager, now=datetime.now(UTC) - timedelta(hours=13))
    assert "expired" in await reason(verifier, old)


async def test_a_token_that_was_accepted_is_refused_once_it_has_expired(
    issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.issue("p-1", Role.manager, lifetime=timedelta(minutes=5))
    assert (await verifier.verify(token)).id == "p-1"
    assert (await verifier.verify(token)).id == "p-1"
    in_an_hour = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: in_an_hour)
    assert "expired" in await reason(verifier, token)


async def test_a_token_that_was_accepted_is_refused_once_its_key_is_withdrawn(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jwks, other = tmp_path / "jwks.json", Issuer.create(tmp_path / "other.json", Settings())
    jwks.write_text(issuer.jwks_json())
    verifier, token = Verifier(Settings(jwks=str(jwks))), issuer.issue("p-1", Role.manager)
    await verifier.verify(token)
    jwks.write_text(other.jwks_json())
    monkeypatch.setattr(keys, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(keys, "RETRY_SECONDS", 0.0)
    await reason(verifier, token)


async def test_the_tokens_remembered_are_so_many_and_no_more(
    issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.tokens.verifier.REMEMBERED_MOST", 3)
    for person in "abcde":
        await verifier.verify(issuer.issue(person, Role.manager))
    assert len(verifier._verified) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-product"},
        {"role": "emperor"},
        {"sub": None},
        {"exp": None},
        {"role": None},
        {"iss": None},
        {"aud": None},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_or_missing_claim_is_refused(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    key = ECKey.generate_key("P-256", auto_kid=True)
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    verifier = Verifier(Settings(jwks=str(path)))
    header = {"alg": "ES256", "kid": key.kid}
    assert (await verifier.verify(jwt.encode(header, claims(), key))).id == "x"
    assert await reason(verifier, jwt.encode(header, claims(**wrong), key))


async def test_a_token_of_another_key_is_refused(verifier: Verifier, issuer: Issuer) -> None:
    stranger = ECKey.generate_key("P-256")
    known_id = issuer.jwks()["keys"][0]["kid"]
    assert await reason(verifier, jwt.encode({"alg": "ES256", "kid": known_id}, claims(), stranger))


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer: Issuer, jwks: Path) -> None:
    verifier, public = Verifier(Settings(jwks=str(jwks))), issuer.jwks_json().encode()
    secret = OctKey.import_key(public)
    assert await reason(verifier, jwt.encode({"alg": "HS256"}, claims(), secret))


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "e30.e30.e30", "…", "W10.e30.e30"]
)
async def test_what_is_no_signed_token_is_refused(verifier: Verifier, token: str) -> None:
    assert await reason(verifier, token)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_ed25519_keys_are_accepted_under_both_names(tmp_path: Path) -> None:
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    verifier = Verifier(Settings(jwks=str(path)))
    for algorithm in ("EdDSA", "Ed25519"):
        token = jwt.encode({"alg": algorithm, "kid": key.kid}, claims(), key, algorithms=[algorithm])
        assert (await verifier.verify(token)).role is Role.operations


async def test_a_rotated_key_is_fetched_when_its_first_token_comes(
    tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(issuer.jwks_json())
    verifier = Verifier(Settings(jwks=str(path)))
    await verifier.verify(issuer.issue("p-1", Role.manager))
    successor = Issuer.create(tmp_path / "next.json", Settings())
    path.write_text(successor.jwks_json())
    token = successor.issue("p-2", Role.manager)
    assert await reason(verifier, token), "made-up key ids must not cost the issuer a request each"
    monkeypatch.setattr(keys, "RETRY_SECONDS", 0.0)
    assert (await verifier.verify(token)).id == "p-2"


async def test_known_keys_stay_in_use_while_the_issuer_is_away(
    tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(issuer.jwks_json())
    verifier = Verifier(Settings(jwks=str(path)))
    token = issuer.issue("p-1", Role.manager)
    await verifier.verify(token)
    path.unlink()
    monkeypatch.setattr(keys, "KEEP_SECONDS", 0.0)
    assert (await verifier.verify(token)).id == "p-1"


NO_KEY_SETS = ["{}", "[]", "null", "<html>", '{"error": "busy"}', '{"keys": []}', '{"keys": [{"kty": "EC"}]}']


@pytest.mark.parametrize("answer", NO_KEY_SETS)
async def test_an_issuer_that_answers_no_key_set_is_as_good_as_away(
    tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(answer)
    verifier, token = Verifier(Settings(jwks=str(path))), issuer.issue("p-1", Role.manager)
    with pytest.raises(Refusal) as refused:
        await verifier.verify(token)
    assert refused.value.status == 503
    path.write_text(issuer.jwks_json())
    assert (await verifier.verify(token)).id == "p-1"
    path.write_text(answer)
    monkeypatch.setattr(keys, "KEEP_SECONDS", 0.0)
    assert (await verifier.verify(token)).id == "p-1", "the known keys stay in use"


async def test_requests_that_wait_for_an_issuer_who_is_away_do_not_try_one_after_the_other(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def away(source: str) -> bytes:
        tries.append(source)
        raise TimeoutError

    monkeypatch.setattr(keys, "_read", away)
    verifier = Verifier(Settings(jwks="https://id.example/jwks"))
    token = issuer.issue("p-1", Role.manager)
    waiting = [verifier.verify(token) for _ in range(5)]
    refused = await asyncio.gather(*waiting, return_exceptions=True)
    assert [getattr(each, "status", None) for each in refused] == [503] * 5
    assert len(tries) == 1


async def test_without_any_keys_the_service_is_unavailable_rather_than_open(
    issuer: Issuer, tmp_path: Path
) -> None:
    verifier = Verifier(Settings(jwks=str(tmp_path / "missing.json")))
    with pytest.raises(Refusal) as refused:
        await verifier.verify(issuer.issue("p-1", Role.manager))
    assert refused.value.status == 503


def test_the_development_issuer_refuses_to_work_in_production(issuer: Issuer, tmp_path: Path) -> None:
    production = Settings(
        environment="production", token_issuer="https://id.example", jwks="https://id.example/jwks"
    )
    path = tmp_path / "issuer.json"
    Issuer.create(path, Settings())
    assert path.stat().st_mode & 0o077 == 0
    assert Issuer.load(path, Settings()).jwks()["keys"][0].keys() >= {"kid", "alg", "x", "y"}
    assert "d" not in Issuer.load(path, Settings()).jwks()["keys"][0]
    with pytest.raises(IssuerRefused):
        Issuer.load(path, production)


async def test_every_route_but_the_open_ones_needs_a_token(client: AsyncClient, books: Any) -> None:
    document = (await client.get("/openapi.json")).json()
    nobody = {"Authorization": ""}
    for path, operations in document["paths"].items():
        for method in operations:
            address = path.replace("{book_id}", "0199d1a2-0000-7000-8000-000000000001")
            answer = await client.request(method, address, headers=nobody)
            assert (answer.status_code == 401) == (path not in open_routes()), f"{method} {path}"
            if answer.status_code == 401:
                assert answer.headers["www-authenticate"] == "Bearer"
    for path in open_routes():
        assert (await client.get(path, headers=nobody)).status_code == 200, path


async def test_me_tells_who_the_token_says_that_one_is(client: AsyncClient) -> None:
    answer = await client.get("/v1/me")
    assert answer.json() == {"id": "0199d1a2-0000-7000-8000-000000000001", "role": "operations", "name": None}


async def test_a_role_that_may_not_is_told_which_roles_may(
    client: AsyncClient, token: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token(Role.representative)}"}
    answer = await client.post("/v1/books:burn", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
    assert "director, operations" in answer.json()["detail"]
