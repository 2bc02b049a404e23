"""From nothing but a Python: the right uv or none, a Python that really runs, and a list of targets."""

import hashlib
import importlib.util
import io
import json
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from attain.instance.layout import checkout

ROOT = checkout()


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, at work in a folder of its own."""
    specification = importlib.util.spec_from_file_location("bootstrap", ROOT / "bin" / "bootstrap.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def a_wheel() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("uv-9.9.9.data/scripts/uv", "#!/bin/sh\necho uv 9.9.9\n")
    return content.getvalue()


def pin(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, sha256: str) -> None:
    wheels = {bootstrap.this_platform(): {"path": "uv.whl", "sha256": sha256}}
    pinned = {"version": "9.9.9", "index": "https://example.org", "wheels": wheels}
    monkeypatch.setattr(bootstrap, "pinned_uv", lambda: pinned)
    monkeypatch.setattr(bootstrap, "download", lambda url: a_wheel())


def test_uv_comes_out_of_its_wheel_and_is_found_again(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pin(bootstrap, monkeypatch, hashlib.sha256(a_wheel()).hexdigest())
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert bootstrap.find_uv() is None
    fetched = bootstrap.fetch_uv()
    assert bootstrap.output_of(fetched, "--version") == "uv 9.9.9\n"
    assert bootstrap.find_uv() == fetched


def test_a_wheel_with_another_checksum_is_refused_and_leaves_nothing(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pin(bootstrap, monkeypatch, "0" * 64)
    with pytest.raises(SystemExit, match="not the pinned file"):
        bootstrap.fetch_uv()
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_breaks_off_is_told_with_what_to_do(bootstrap: ModuleType) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def break_off() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")

        answering = threading.Thread(target=break_off)
        answering.start()
        with pytest.raises(SystemExit, match=r"(?s)could not be fetched.*HTTPS_PROXY"):
            bootstrap.download(f"http://127.0.0.1:{server.getsockname()[1]}/uv.whl")
        answering.join()


def test_an_old_uv_is_passed_over(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pin(bootstrap, monkeypatch, "0" * 64)
    script(tmp_path / "path" / "uv", "echo uv 0.4.30")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert bootstrap.find_uv() is None


def test_a_shim_that_fails_is_passed_over_for_a_python_that_runs(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    monkeypatch.setattr(bootstrap, "PYTHONS", (version,))
    script(tmp_path / "path" / f"python{version}", "echo 'version not installed' >&2; exit 127")
    runs = tmp_path / "pyenv" / "versions" / f"{version}.0" / "bin" / "python"
    script(runs, f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert bootstrap.find_python() == sys.executable


@pytest.mark.parametrize("platform", ["linux-x86_64", "linux-aarch64", "darwin-x86_64", "darwin-arm64"])
def test_uv_is_pinned_by_checksum(platform: str) -> None:
    wheel = json.loads((ROOT / "bin" / "uv.json").read_text())["wheels"][platform]
    assert len(bytes.fromhex(wheel["sha256"])) == 32


def test_make_alone_lists_the_targets() -> None:
    said = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    listed = [line.split()[1] for line in said.splitlines() if line.startswith("  make ")]
    assert {"demo", "real", "up", "down", "status", "test", "check", "docs"} <= set(listed)
