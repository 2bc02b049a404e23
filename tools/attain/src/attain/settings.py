"""Settings of the command itself: where an instance lies, where downloads are kept and come from."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LocalSettings(BaseSettings):
    """What `attain` reads from the environment; the services have their own settings (`runtime.Settings`)."""

    model_config = SettingsConfigDict(env_prefix="ATTAIN_", extra="ignore")

    home: Path | None = Field(
        default=None, description="Folder of the local instance; default `.attain` in the checkout."
    )
    cache_dir: Path | None = Field(
        default=None,
        description="Folder of downloads that all checkouts share; default `attain` in the user's cache folder.",
    )
    maven_url: str = Field(
        default="https://repo1.maven.org/maven2",
        description="Maven repository that PostgreSQL and Kafka are fetched from.",
    )


def user_cache_dir() -> Path:
    """The user's cache folder by the XDG base directory specification."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    return Path(configured) if configured.startswith("/") else Path.home() / ".cache"
