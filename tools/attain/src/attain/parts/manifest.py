"""The pinned files that the local parts are made of."""

import os
import platform
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from attain.problems import LocalProblem

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64v8", "arm64": "arm64v8"}


class UnsupportedPlatform(LocalProblem):
    """No PostgreSQL is built for this operating system and processor."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a Maven repository: its path there, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True)
class Part:
    """A server of one version, made of artifacts."""

    name: str
    artifacts: tuple[Artifact, ...]


def this_platform() -> str:
    """The operating system and processor in the spelling of the PostgreSQL binaries: `linux-amd64`."""
    system, machine = platform.system().lower(), platform.machine().lower()
    libc = "-musl" if system == "linux" and not _has_glibc() else ""
    return f"{system}-{_ARCHITECTURES.get(machine, machine)}{libc}"


def _has_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (ValueError, OSError):
        return False


def postgres_part(on: str | None = None) -> Part:
    """PostgreSQL for a platform, by default this one."""
    on = on or this_platform()
    section = _manifest()["postgres"]
    if on not in section["artifacts"]:
        known = ", ".join(section["artifacts"])
        raise UnsupportedPlatform(f"There is no pinned PostgreSQL for {on}; there is one for {known}.")
    return Part(f"postgres-{section['version']}-{on}", (Artifact(**section["artifacts"][on]),))


def kafka_part() -> Part:
    """Kafka's server: the same jars on every platform."""
    section = _manifest()["kafka"]
    return Part(f"kafka-{section['version']}", tuple(Artifact(**each) for each in section["artifacts"]))


def _manifest() -> dict[str, Any]:
    return tomllib.loads(files("attain.parts").joinpath("manifest.toml").read_text())
