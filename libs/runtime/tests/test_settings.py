"""Settings: from the environment, from files, with refusals in production."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime import Settings
from runtime.settings import table

PRODUCTION = {
    "environment": "production",
    "token_issuer": "https://id.example",
    "jwks": "https://id.example/jwks",
}


def test_a_setting_comes_from_the_environment_before_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "attain_database_url").write_text("postgresql://from-file/x\n")
    (tmp_path / "attain_kafka_bootstrap").write_text("from-file:9092\n")
    monkeypatch.setenv("ATTAIN_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("ATTAIN_KAFKA_BOOTSTRAP", "from-environment:9092")
    settings = Settings()
    assert settings.database_url == "postgresql+asyncpg://from-file/x"
    assert settings.kafka_bootstrap == "from-environment:9092"


def test_a_password_survives_in_both_addresses_and_stays_out_of_the_representation() -> None:
    settings = Settings(database_url="postgresql://me:p%40ss@db:5433/x")
    assert settings.database_url == "postgresql+asyncpg://me:p%40ss@db:5433/x"
    assert settings.database_dsn == "postgresql://me:p%40ss@db:5433/x"
    assert "p%40ss" not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"token_issuer": "attain-development"}, "ATTAIN_TOKEN_ISSUER"),
        ({"jwks": None}, "ATTAIN_JWKS"),
        ({"jwks": "http://id.example/jwks"}, "ATTAIN_JWKS"),
        ({"cors_origins": ["*"]}, "ATTAIN_CORS_ORIGINS"),
    ],
)
def test_production_refuses_what_is_meant_for_development(changed: dict[str, object], named: str) -> None:
    Settings.model_validate(PRODUCTION)
    with pytest.raises(ValidationError, match=named):
        Settings.model_validate({**PRODUCTION, **changed})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("database_url", "nonsense"),
        ("database_url", "mysql://db/x"),
        ("business_time_zone", "Asia/Atlantis"),
        ("business_time_zone", "../etc/passwd"),
    ],
)
def test_a_value_that_nothing_could_work_with_is_refused_by_the_name_of_its_setting(
    setting: str, value: str
) -> None:
    with pytest.raises(ValidationError, match=setting):
        Settings.model_validate({setting: value})


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_an_algorithm_with_a_shared_secret_cannot_be_allowed(algorithm: str) -> None:
    with pytest.raises(ValidationError, match="not allowed"):
        Settings(token_algorithms=[algorithm])


def test_every_setting_stands_in_the_table_with_its_meaning() -> None:
    listed = table()
    for name, field in Settings.model_fields.items():
        assert f"| `ATTAIN_{name.upper()}` |" in listed
        assert field.description
        assert field.description in listed
