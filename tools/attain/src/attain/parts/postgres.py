"""A PostgreSQL of one's own: a data folder, a loopback port, a password."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from attain.problems import LocalProblem
from attain.processes.command import Command
from attain.processes.users import RunAs, as_user, unprivileged_user

SUPERUSER = "attain"
STOP_SIGNAL = signal.SIGINT
"""Ends its sessions and stops it in order; SIGTERM would wait for the sessions to end by themselves."""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # its path may be longer than a socket's name can be
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresNotCreated(LocalProblem):
    """`initdb` failed; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """One PostgreSQL server: installation, data folder, port, and the superuser's password."""

    installed: Path
    data: Path
    port: int
    password: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def exists(self) -> bool:
        """Whether there is a data folder."""
        return (self.data / "PG_VERSION").exists()

    def create(self) -> None:
        """Make the data folder unless it is there.

        Text is UTF-8 and sorts by code point (PostgreSQL's own C.UTF-8), the same on every system; Chinese
        order is asked for by name in a query. A broken attempt leaves no data folder.
        """
        if self.exists():
            return
        user = self._user()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.data.parent, ignore_cleanup_errors=True) as scratch:
            secret = Path(scratch, "password")
            secret.write_text(self.password)
            if user:
                os.chown(scratch, user.uid, user.gid)
                os.chown(secret, user.uid, user.gid)
            self._initdb(Path(scratch, "data"), secret, user)
            Path(scratch, "data").rename(self.data)

    def _initdb(self, data: Path, secret: Path, user: RunAs | None) -> None:
        done = subprocess.run(
            [
                *(self.installed / "bin" / "initdb", "--pgdata", data, "--username", SUPERUSER),
                *("--pwfile", secret, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"),
                *(
                    "--locale-provider",
                    "builtin",
                    "--builtin-locale",
                    "C.UTF-8",
                    "--no-sync",
                    "--no-instructions",
                ),
            ],
            **as_user(user),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PostgresNotCreated(
                f"PostgreSQL's data folder could not be made: {done.stdout}{done.stderr}"
            )

    def reset_password(self) -> None:
        """Make `password` the superuser's, on a stopped server: for when the file that held the old one is lost."""
        user = self._user()
        subprocess.run(
            [self.installed / "bin" / "postgres", "--single", "-D", self.data, "postgres"],
            input=f"alter role {SUPERUSER} password {_quoted(self.password)}\n".encode(),
            **as_user(user),
            cwd="/",
            capture_output=True,
            check=True,
        )

    def _user(self) -> RunAs | None:
        """Whom root runs the server as: the owner of the data, if it has one already."""
        user = unprivileged_user()
        if user and self.data.exists():
            owner = self.data.stat()
            return RunAs(owner.st_uid, owner.st_gid)
        return user

    def command(self) -> Command:
        """How to run it."""
        settings = {**_SETTINGS, **self.settings, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            name="postgres",
            argv=(str(self.installed / "bin" / "postgres"), "-D", str(self.data), *options),
            ready=self.is_ready,
            run_as=self._user(),
            stop_signal=STOP_SIGNAL,
        )

    def is_ready(self) -> bool:
        """Whether it takes connections: its own word in `postmaster.pid`, the same that `pg_ctl` goes by."""
        lines = _pid_file(self.data)
        return len(lines) >= 8 and lines[7].strip() == "ready" and running_server(self.data) is not None

    def url(self, database: str, driver: str = "postgresql+asyncpg") -> str:
        """The address of a database, for SQLAlchemy by default; `driver="postgresql"` for asyncpg itself."""
        return f"{driver}://{SUPERUSER}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def running_server(data: Path) -> psutil.Process | None:
    """The server that runs on a data folder, whoever started it."""
    lines = _pid_file(data)
    if not lines:
        return None
    try:
        process = psutil.Process(int(lines[0]))
        # The start time tells the server from another process that got its number after a crash.
        same = abs(process.create_time() - int(lines[2])) < 10 and process.name() == "postgres"
    except (psutil.Error, ValueError, IndexError):
        return None
    return process if same else None


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
