"""Make the workspace's environment, then run a command in it.

Runs on any Python from 3.9 on with nothing installed: it finds uv or fetches it, finds a Python for the
workspace or lets uv fetch one, lets uv install what the lock file says, and becomes the command.
"""

from __future__ import annotations

import glob
import hashlib
import http.client
import io
import json
import os
import platform
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.13", "3.12")  # in order of preference; the first is what .python-version names
MINIMUM_UV = (0, 13)
SYSTEM_CERTIFICATES = "/etc/ssl/cert.pem"


def main(command: list[str]) -> None:
    """Become `command` of the environment, which is made or brought up to date first."""
    if not command:
        raise SystemExit("usage: bin/bootstrap COMMAND [ARGUMENT …]")
    environment = Path(os.environ.get("UV_PROJECT_ENVIRONMENT") or ROOT / ".venv")
    uv = find_uv() or fetch_uv()
    sync(uv, environment)
    path = [str(environment / "bin"), os.path.dirname(uv), os.environ.get("PATH", os.defpath)]
    os.environ.update(PATH=os.pathsep.join(path), VIRTUAL_ENV=str(environment))
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)
    except FileNotFoundError:
        raise SystemExit(f"There is no command {command[0]} in {environment / 'bin'}.") from None


def find_uv() -> str | None:
    """A uv that is new enough: on PATH, or fetched before."""
    for candidate in (shutil.which("uv"), str(fetched_uv())):
        words = output_of(candidate, "--version").split() if candidate else []
        if len(words) >= 2 and tuple(int(part) for part in words[1].split(".")[:2]) >= MINIMUM_UV:
            return candidate
    return None


def fetched_uv() -> Path:
    return ROOT / ".bootstrap" / f"uv-{pinned_uv()['version']}" / "uv"


def pinned_uv() -> dict[str, Any]:
    pinned: dict[str, Any] = json.loads((ROOT / "bin" / "uv.json").read_text(encoding="utf-8"))
    return pinned


def fetch_uv() -> str:
    """Take uv out of its wheel, whose checksum is committed."""
    pinned, system = pinned_uv(), this_platform()
    if system not in pinned["wheels"]:
        raise SystemExit(
            f"There is no pinned uv for {system}. Install uv (https://docs.astral.sh/uv) and try again."
        )
    wheel = pinned["wheels"][system]
    url = f"{pinned['index']}/{wheel['path']}"
    print(f"Fetching uv {pinned['version']} (18 MB)", file=sys.stderr)
    content = download(url)
    if hashlib.sha256(content).hexdigest() != wheel["sha256"]:
        raise SystemExit(f"{url} is not the pinned file (its SHA-256 differs). Nothing was kept.")
    target = fetched_uv()
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        tempfile.TemporaryDirectory(dir=target.parent) as scratch,
    ):
        member = next(name for name in archive.namelist() if name.endswith(".data/scripts/uv"))
        fresh = Path(archive.extract(member, scratch))
        fresh.chmod(0o755)
        fresh.replace(target)
    return str(target)


def download(url: str) -> bytes:
    """The file at the address; proxies and certificates come from HTTPS_PROXY and SSL_CERT_FILE."""
    context = ssl.create_default_context()
    if "SSL_CERT_FILE" not in os.environ and os.path.exists(SYSTEM_CERTIFICATES):
        context.load_verify_locations(SYSTEM_CERTIFICATES)  # python.org's builds for macOS bring none
    try:
        with urllib.request.urlopen(url, timeout=60, context=context) as response:
            content: bytes = response.read()
            return content
    except (OSError, http.client.HTTPException) as error:  # the second, where the answer breaks off
        raise SystemExit(
            f"{url} could not be fetched: {error}.\nBehind a proxy set HTTPS_PROXY, for its certificate SSL_CERT_FILE; "
            f"or install uv {'.'.join(map(str, MINIMUM_UV))} or newer yourself, so that it is on PATH."
        ) from None


def this_platform() -> str:
    """The operating system and processor as `uv.json` spells them."""
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
        try:
            os.confstr("CS_GNU_LIBC_VERSION")
        except (ValueError, OSError):
            machine += "-musl"
    return f"{system}-{machine}"


def find_python() -> str | None:
    """A Python for the workspace that really runs; version managers put shims on PATH that do not."""
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for version in PYTHONS:
        on_path = shutil.which(f"python{version}")
        managed = sorted(glob.glob(f"{pyenv}/versions/{version}*/bin/python"), reverse=True)
        for candidate in filter(None, (on_path, *managed, shutil.which("python3"))):
            said = output_of(
                candidate, "-c", "import ctypes, ssl, sys; print(sys.executable, *sys.version_info[:2])"
            )
            executable, _, found = said.strip().partition(" ")
            if found.replace(" ", ".") == version:
                return executable
    return None


def sync(uv: str, environment: Path) -> None:
    """Bring the environment to what the lock file says; quick when it is there already."""
    settings = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    python = settings.get("UV_PYTHON") or find_python()
    if python:
        settings["UV_PYTHON"] = python
    options = []
    if environment.exists() or not sys.stderr.isatty():
        options.append("--quiet")
    if not environment.exists():
        # Once, or every start of every process would compile them where Python is told to write no bytecode.
        options.append("--compile-bytecode")
        print("Installing the workspace's Python packages", file=sys.stderr)
    command = [uv, "sync", "--locked", *options]
    if subprocess.run(command, cwd=ROOT, env=settings, stdout=sys.stderr).returncode:
        advice = (
            "" if python else f" No Python {' or '.join(PYTHONS)} runs here and uv got none: install one."
        )
        raise SystemExit(
            f"The workspace could not be installed; uv says why above.{advice}\nBehind a proxy set HTTPS_PROXY, for "
            "its certificate SSL_CERT_FILE, for a mirror of PyPI UV_DEFAULT_INDEX. Running the command again goes on."
        )


def output_of(*command: str) -> str:
    """What a program prints, or nothing when it cannot run."""
    try:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30
        ).stdout.decode()
    except (OSError, subprocess.SubprocessError):
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
