"""Where the things of a local instance lie."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, ValidationError

from attain.instance.ports import Ports
from attain.processes.state import ProcessState
from attain.processes.users import unprivileged_user
from attain.settings import LocalSettings

_ROOTS_DATA = Path("/var/lib/attain")


class Configuration(BaseModel):
    """What was chosen when the instance was first brought up."""

    ports: Ports
    postgres_password: str = Field(default_factory=lambda: secrets.token_urlsafe(24))


class State(BaseModel):
    """The supervisor's word on its processes."""

    supervisor_pid: int
    processes: list[ProcessState]

    @property
    def is_up(self) -> bool:
        return all(process.is_up for process in self.processes)


@dataclass(frozen=True, slots=True)
class Instance:
    """A local instance by its home folder (absolute). Its files may be deleted at any time; `attain up` mends that."""

    home: Path

    @classmethod
    def at(cls, home: Path | None = None) -> Self:
        """The instance that was asked for: by the option, by ATTAIN_HOME, or the checkout's own."""
        chosen = home or LocalSettings().home or checkout() / ".attain"
        return cls(chosen.expanduser().absolute())

    @property
    def data(self) -> Path:
        """The servers' data: in the home folder, unless the user that root runs PostgreSQL as cannot go there."""
        user = unprivileged_user()
        if user is None or user.may_enter(self.home):
            return self.home / "data"
        return _ROOTS_DATA / hashlib.sha256(str(self.home).encode()).hexdigest()[:16]

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def issuer_key(self) -> Path:
        """The development issuer's private key."""
        return self.home / "keys" / "issuer.json"

    @property
    def jwks(self) -> Path:
        """The public keys by which services know the issuer's tokens."""
        return self.home / "keys" / "jwks.json"

    @property
    def configuration_file(self) -> Path:
        return self.home / "instance.json"

    @property
    def state_file(self) -> Path:
        return self.home / "state.json"

    def configuration(self) -> Configuration | None:
        """What was chosen at first; None when there is no (readable) file."""
        return _read(Configuration, self.configuration_file)

    def state(self) -> State | None:
        """What the supervisor wrote last; it may be gone since."""
        return _read(State, self.state_file)


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(file)


def checkout() -> Path:
    """The folder of the workspace that this command was installed from; else the current folder."""
    here = Path(__file__).resolve()
    return next((folder for folder in here.parents if (folder / "uv.lock").exists()), Path.cwd())


def _read[M: BaseModel](model: type[M], file: Path) -> M | None:
    try:
        return model.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
