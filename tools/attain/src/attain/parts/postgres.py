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

from attain.parts.users import RunAs, unprivileged_user
from attain.processes.command import Command

SUPERUSER = "attain"

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


class PostgresNotCreated(Exception):
    """`initdb` failed; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """One PostgreSQL server: installation, data folder, port, and the superuser's password."""

    installed: Path
    data: Path
    port: int
    password: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def create(self) -> None:
        """Make the data folder unless it is there.

        Text is UTF-8 and sorts by code point (PostgreSQL's own C.UTF-8), the same on every system; Chinese
        order is asked for by name in a query. A broken attempt leaves no data folder.
        """
        if (self.data / "PG_VERSION").exists():
            return
        user = unprivileged_user()
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
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PostgresNotCreated(
                f"PostgreSQL's data folder could not be made: {done.stdout}{done.stderr}"
            )

    def command(self) -> Command:
        """How to run it. SIGINT ends its sessions and stops it in order."""
        settings = {**_SETTINGS, **self.settings, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            name="postgres",
            argv=(str(self.installed / "bin" / "postgres"), "-D", str(self.data), *options),
            ready=self.is_ready,
            run_as=unprivileged_user(),
            stop_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Whether it takes connections: its own word in `postmaster.pid`, the same that `pg_ctl` goes by."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[7].strip() == "ready" and self.running() is not None

    def running(self) -> psutil.Process | None:
        """The server that runs on this data folder, whoever started it."""
        lines = self._pid_file()
        if not lines:
            return None
        try:
            process = psutil.Process(int(lines[0]))
            # The start time tells the server from another process that got its number after a crash.
            same = abs(process.create_time() - int(lines[2])) < 10 and process.name() == "postgres"
        except (psutil.Error, ValueError, IndexError):
            return None
        return process if same else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def url(self, database: str, driver: str = "postgresql+asyncpg") -> str:
        """The address of a database, for SQLAlchemy by default; `driver="postgresql"` for asyncpg itself."""
        return f"{driver}://{SUPERUSER}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"
