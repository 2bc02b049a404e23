"""Settings: from the environment (`ATTAIN_…`) or from files of the same names, with defaults that work."""

import os
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DEVELOPMENT_ISSUER = "attain-development"
SECRETS_DIR = "ATTAIN_SECRETS_DIR"
ASYMMETRIC = {"ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "PS256"}


class Settings(BaseSettings):
    """What a process can be told from outside. A service with settings of its own inherits from this.

    Precedence: arguments, environment, files in the folder named by `ATTAIN_SECRETS_DIR`, defaults.
    """

    model_config = SettingsConfigDict(env_prefix="ATTAIN_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses whatever is meant for development only"
    )
    database_url: str = Field(
        "postgresql+asyncpg://127.0.0.1:5432/attain",
        description="PostgreSQL database of this service, one for each service",
        repr=False,
    )
    database_pool_size: int = Field(
        10, ge=1, le=200, description="connections for writes; as many again for reads, and for hot writes"
    )
    statement_timeout_seconds: float = Field(
        30, gt=0, description="longest time that one read of an API may take"
    )
    write_timeout_seconds: float = Field(
        60,
        gt=0,
        description="longest time that one statement of a write may take, waiting for locks included",
    )
    concurrent_requests: int = Field(
        256, ge=1, description="requests that a process works on at a time; one more is answered 503"
    )
    kafka_bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, `host:port[,host:port]`")
    http_host: str = Field("127.0.0.1", description="address to listen on; `0.0.0.0` in a container")
    http_port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    shutdown_seconds: int = Field(10, ge=1, description="time that open requests and workers get at a stop")
    business_time_zone: str = Field(
        "Asia/Shanghai", description="IANA time zone in which business days begin and end"
    )
    reporting_currency: str = Field(
        "CNY", pattern=r"^[A-Z]{3}$", description="ISO 4217 code that reports convert to"
    )
    fiscal_year_start_month: int = Field(1, ge=1, le=12, description="month in which a fiscal year begins")
    token_issuer: str = Field(DEVELOPMENT_ISSUER, description="`iss` that tokens must carry")
    token_audience: str = Field("attain", description="`aud` that tokens must carry")
    token_algorithms: list[str] = Field(
        ["ES256", "EdDSA", "Ed25519"], min_length=1, description="signature algorithms that are accepted"
    )
    jwks: str | None = Field(
        None, description="public keys of the issuer (JWKS): a file or an http(s) address"
    )
    cors_origins: list[str] = Field([], description="origins of browsers that may call, as a JSON list")
    idempotency_keep_hours: int = Field(
        24, ge=1, description="how long the answer to an `Idempotency-Key` is kept"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least level that is logged"
    )
    otlp_endpoint: str | None = Field(None, description="OTLP/HTTP collector, e.g. `http://collector:4318`")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Adds the secrets folder, read when the settings are made and not when this module is imported."""
        folder = os.environ.get(SECRETS_DIR)
        secrets = (SecretsSettingsSource(settings_cls, secrets_dir=folder),) if folder else ()
        return (init_settings, env_settings, *secrets)

    @field_validator("database_url")
    @classmethod
    def _asyncpg(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError("an address is expected: postgresql+asyncpg://user@host:port/database") from None
        if url.get_backend_name() != "postgresql":
            raise ValueError("a PostgreSQL address is expected: postgresql+asyncpg://user@host:port/database")
        return url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)

    @field_validator("business_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("an IANA time zone is expected, e.g. Asia/Shanghai") from None
        return value

    @field_validator("token_algorithms")
    @classmethod
    def _asymmetric(cls, value: list[str]) -> list[str]:
        if weak := set(value) - ASYMMETRIC:
            raise ValueError(f"{sorted(weak)} not allowed; choose from {sorted(ASYMMETRIC)}")
        return value

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.environment != "production":
            return self
        wrong = []
        if self.token_issuer == DEVELOPMENT_ISSUER:
            wrong.append("ATTAIN_TOKEN_ISSUER is the development issuer")
        if not self.jwks or self.jwks.startswith("http://"):
            wrong.append("ATTAIN_JWKS must be a file or an https address")
        if "*" in self.cors_origins:
            wrong.append("ATTAIN_CORS_ORIGINS must name its origins")
        if wrong:
            raise ValueError("refused in production: " + "; ".join(wrong))
        return self

    @property
    def database_dsn(self) -> str:
        """`database_url` as asyncpg itself takes it."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def table(*classes: type[Settings]) -> str:
    """The settings as a Markdown table: those of `Settings` first, then each class's own."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    seen: set[str] = set()
    shown: list[type[Settings]] = [Settings, *classes]
    for cls in shown:
        for name, field in cls.model_fields.items():
            if name not in seen:
                seen.add(name)
                default = (
                    "required"
                    if field.is_required()
                    else _shown(field.get_default(call_default_factory=True))
                )
                lines.append(f"| `ATTAIN_{name.upper()}` | {default} | {field.description} |")
    lines.append(
        f"| `{SECRETS_DIR}` | – | folder with one file for each of the above that is secret, named like it |"
    )
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default is None:
        return "–"
    return (
        f"`{default}`"
        if isinstance(default, str | int | float | Path)
        else f"`{str(default).replace(chr(39), chr(34))}`"
    )
