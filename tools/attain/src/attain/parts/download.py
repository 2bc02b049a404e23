"""Fetch pinned files: several at a time, each verified before it gets its name, broken ones continued."""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx2

from attain.parts.manifest import Artifact
from attain.problems import LocalProblem

Advance = Callable[[int], None]
"""Is told how many more bytes are here."""

_AT_ONCE = 6
_TRIES = 3


class DownloadFailed(LocalProblem):
    """A file could not be fetched, or is not the pinned one. The message says which, and what to do."""


def missing(artifacts: Iterable[Artifact], folder: Path) -> list[Artifact]:
    """Those not yet in the folder. A file has its name only once it was verified, so its size suffices here."""
    return [each for each in artifacts if not _is_here(folder / each.name, each.size)]


def fetch(artifacts: Iterable[Artifact], folder: Path, *, base_url: str, advance: Advance) -> None:
    """Bring the files that are missing into the folder.

    Proxies and certificates are taken from the environment (`HTTPS_PROXY`, `SSL_CERT_FILE`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = missing(artifacts, folder)
    timeout = httpx2.Timeout(30.0, connect=15.0)
    with (
        httpx2.Client(base_url=base_url.rstrip("/") + "/", timeout=timeout, follow_redirects=True) as client,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        for _ in pool.map(partial(_fetch_one, client, folder, advance), wanted):
            pass


def _fetch_one(client: httpx2.Client, folder: Path, advance: Advance, artifact: Artifact) -> None:
    part = folder / f"{artifact.name}.part"
    advance(part.stat().st_size if part.exists() else 0)
    for attempt in range(1, _TRIES + 1):
        try:
            _continue(client, part, artifact, advance)
        except httpx2.HTTPError as error:
            if attempt == _TRIES:
                raise DownloadFailed(_advice(client, artifact, error)) from error
        except OSError as error:
            raise DownloadFailed(
                f"{part} cannot be written ({error.strerror}). Make room on its disk, or choose another folder with "
                "ATTAIN_CACHE_DIR."
            ) from error
        else:
            break
    _accept(client, part, artifact)


def _continue(client: httpx2.Client, part: Path, artifact: Artifact, advance: Advance) -> None:
    """Append what is missing to the partial file; begin anew where the server does not continue."""
    done = part.stat().st_size if part.exists() else 0
    if done >= artifact.size:
        return
    headers = {"Range": f"bytes={done}-"} if done else {}
    with client.stream("GET", artifact.path, headers=headers) as response:
        response.raise_for_status()
        continued = response.status_code == HTTPStatus.PARTIAL_CONTENT
        advance(0 if continued else -done)
        with part.open("ab" if continued else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                advance(len(chunk))


def _accept(client: httpx2.Client, part: Path, artifact: Artifact) -> None:
    with part.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != artifact.sha256:
        part.unlink()
        raise DownloadFailed(
            f"{_url(client, artifact)} is not the pinned file: its SHA-256 is {actual}, expected "
            f"{artifact.sha256}. Nothing was kept. A proxy or mirror may have changed it; run the command "
            "again, or set ATTAIN_MAVEN_URL to another Maven repository."
        )
    part.rename(part.with_name(artifact.name))


def _advice(client: httpx2.Client, artifact: Artifact, error: Exception) -> str:
    return (
        f"{_url(client, artifact)} could not be fetched ({type(error).__name__}: {error}). What is here is "
        "kept: run the command again to go on. Behind a proxy set HTTPS_PROXY, for its certificate "
        "SSL_CERT_FILE; for a mirror of Maven Central set ATTAIN_MAVEN_URL."
    )


def _url(client: httpx2.Client, artifact: Artifact) -> str:
    return f"{client.base_url}{artifact.path}"


def _is_here(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
