"""The folder of downloads that all checkouts of this machine share, and what is installed from it."""

import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from attain.instance.ports import Ports
from attain.parts.download import fetch, missing
from attain.parts.kafka import Kafka, learnt_classes
from attain.parts.manifest import Part, kafka_part, postgres_part
from attain.parts.progress import download_progress
from attain.problems import LocalProblem
from attain.processes.turns import FolderNotWritable, alone_in
from attain.processes.users import unprivileged_user
from attain.settings import LocalSettings, user_cache_dir

_SYSTEM_CACHE = Path("/var/cache/attain")


class CacheNotReachable(LocalProblem):
    """The user that PostgreSQL runs as cannot read the chosen cache folder."""


def cache_dir(settings: LocalSettings) -> Path:
    """Where downloads are kept. Root's own cache folder is closed to the user that root runs PostgreSQL as,
    so root uses the system's."""
    user = unprivileged_user()
    if settings.cache_dir is not None:
        folder = settings.cache_dir.expanduser().absolute()
        if user and not user.may_enter(folder):
            raise CacheNotReachable(
                f"ATTAIN_CACHE_DIR is {folder}, which is closed to the user {user.uid} that PostgreSQL runs as when "
                "started by root. Choose a folder that others may enter, or open it (chmod o+x on each folder)."
            )
        return folder
    own = user_cache_dir() / "attain"
    return own if user is None or user.may_enter(own) else _SYSTEM_CACHE


def fetch_parts(settings: LocalSettings) -> None:
    """Bring here whatever of PostgreSQL and Kafka is missing."""
    ensure_postgres(settings)
    ensure_kafka(settings)


def ensure_postgres(settings: LocalSettings) -> Path:
    """The folder of PostgreSQL's installation (with `bin/`), fetched and unpacked when it is not there."""
    part = postgres_part()
    parts = cache_dir(settings) / "parts"
    installed = parts / part.name
    if not installed.is_dir():
        with alone_in(parts, "ATTAIN_CACHE_DIR"):
            if not installed.is_dir():
                _fetch_part(part, parts / "downloads", settings)
                _unpack(parts / "downloads" / part.artifacts[0].name, installed)
    return installed


def ensure_kafka(settings: LocalSettings) -> list[Path]:
    """Kafka's jars, fetched when they are not there: its class path."""
    part = kafka_part()
    folder = cache_dir(settings) / "parts" / part.name
    if missing(part.artifacts, folder):
        with alone_in(folder.parent, "ATTAIN_CACHE_DIR"):
            _fetch_part(part, folder, settings)
    class_path = [folder / artifact.name for artifact in part.artifacts]
    if not learnt_classes(class_path).exists():
        with suppress(FolderNotWritable, PermissionError), alone_in(folder.parent, "ATTAIN_CACHE_DIR"):
            _learn(class_path)
    return class_path


def _learn(class_path: Sequence[Path]) -> None:
    """Lets Kafka learn to start quickly, once. Where it cannot, an empty file says that it was tried."""
    learnt = learnt_classes(class_path)
    if learnt.exists():
        return
    with tempfile.TemporaryDirectory(dir=learnt.parent) as scratch:
        fresh, ports = Path(scratch, learnt.name), Ports.choose(Path(scratch))
        kafka = Kafka(class_path, Path(scratch, "data"), ports.kafka, ports.kafka_controller)
        if not kafka.learn_to_start(fresh):
            fresh.write_bytes(b"")
        fresh.rename(learnt)


def _fetch_part(part: Part, folder: Path, settings: LocalSettings) -> None:
    wanted = missing(part.artifacts, folder)
    with download_progress(part.name, sum(each.size for each in wanted)) as advance:
        fetch(wanted, folder, base_url=settings.maven_url, advance=advance)


def _unpack(jar: Path, installed: Path) -> None:
    """Unpack the archive inside the jar beside its place, then rename: a half-unpacked folder has no name."""
    with tempfile.TemporaryDirectory(dir=installed.parent) as scratch:
        with zipfile.ZipFile(jar) as outer:
            inner = next(name for name in outer.namelist() if name.endswith(".txz"))
            archive = Path(outer.extract(inner, scratch))
        unpacked = Path(scratch, "unpacked")
        unpacked.mkdir()
        _untar(archive, unpacked)
        unpacked.rename(installed)


def _untar(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except tarfile.CompressionError:  # a Python that was built without lzma
        subprocess.run(["tar", "-xJf", archive, "-C", folder], check=True)
