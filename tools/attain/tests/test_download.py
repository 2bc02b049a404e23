"""Downloads are verified before they count, and go on where they broke off."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from attain.parts.download import DownloadFailed, fetch, missing
from attain.parts.manifest import Artifact, kafka_part, postgres_part

CONTENT = bytes(range(256)) * 4096


@dataclass
class Repository:
    """A Maven repository on loopback; it breaks off answers after `breaks_after` bytes while that is set."""

    url: str = ""
    ranges: list[str | None] = field(default_factory=list)
    breaks_after: int | None = None


@pytest.fixture
def repository() -> Iterator[Repository]:
    served = Repository()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            served.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            body = CONTENT[start:]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: served.breaks_after])

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/maven2"
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def artifact(content: bytes = CONTENT) -> Artifact:
    return Artifact("org/example/part.jar", len(CONTENT), hashlib.sha256(content).hexdigest())


def test_a_file_is_fetched_once_and_its_progress_adds_up(repository: Repository, tmp_path: Path) -> None:
    told: list[int] = []
    fetch([artifact()], tmp_path, base_url=repository.url, advance=told.append)
    fetch([artifact()], tmp_path, base_url=repository.url, advance=told.append)
    assert (tmp_path / "part.jar").read_bytes() == CONTENT
    assert sum(told) == len(CONTENT)
    assert len(repository.ranges) == 1


def test_a_file_with_another_checksum_is_refused_and_leaves_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(DownloadFailed, match=r"org/example/part\.jar is not the pinned file"):
        fetch([artifact(b"what was pinned")], tmp_path, base_url=repository.url, advance=lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_download_is_told_and_goes_on_at_the_next_run(
    repository: Repository, tmp_path: Path
) -> None:
    repository.breaks_after = 1000
    with pytest.raises(DownloadFailed, match="run the command again"):
        fetch([artifact()], tmp_path, base_url=repository.url, advance=lambda _: None)
    assert missing([artifact()], tmp_path) == [artifact()]
    repository.breaks_after = None
    kept = (tmp_path / "part.jar.part").stat().st_size
    told: list[int] = []
    fetch([artifact()], tmp_path, base_url=repository.url, advance=told.append)
    assert repository.ranges[-1] == f"bytes={kept}-"
    assert kept > 0
    assert sum(told) == len(CONTENT)
    assert (tmp_path / "part.jar").read_bytes() == CONTENT


def test_a_file_that_cannot_be_written_is_named(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "part.jar.part").mkdir()
    with pytest.raises(DownloadFailed, match=r"part\.jar\.part cannot be written \(Is a directory\)"):
        fetch([artifact()], tmp_path, base_url=repository.url, advance=lambda _: None)


def test_an_unreachable_repository_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        DownloadFailed, match=r"http://127\.0\.0\.1:9/org/example/part\.jar.*ATTAIN_MAVEN_URL"
    ):
        fetch([artifact()], tmp_path, base_url="http://127.0.0.1:9", advance=lambda _: None)


@pytest.mark.parametrize("platform", ["linux-amd64", "linux-arm64v8", "darwin-amd64", "darwin-arm64v8"])
def test_every_part_is_pinned_by_checksum(platform: str) -> None:
    for each in (*postgres_part(platform).artifacts, *kafka_part().artifacts):
        assert len(bytes.fromhex(each.sha256)) == 32
        assert each.size > 0
