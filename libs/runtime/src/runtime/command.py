"""`python -m <service> migrate | serve --role api|worker|all | openapi`."""

import argparse
import asyncio
import gc
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module

import structlog
import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError

from runtime.app import create_app
from runtime.logs import configure_logs
from runtime.migrations import migrate
from runtime.service import Service
from runtime.settings import Settings

WORKER_DIED = 70
"""Exit status (EX_SOFTWARE) after which a supervisor should start the process again."""
MISCONFIGURED = 78
"""Exit status (EX_CONFIG): starting again will not help."""

MADE_BETWEEN_COLLECTIONS = 50_000
"""Objects. By Python's own 2,000 the collector takes 8 of the 120 ms of a batch of 500 rows, and by 10,000 it takes a
projector a twelfth of its events; it finds nothing."""

log = structlog.get_logger(__name__)


def start(name: str) -> None:
    """`python -m <name>`: the command line of the service that `<name>.main` declares."""
    run(import_module(f"{name}.main").service)


def run(service: Service, arguments: Sequence[str] | None = None) -> None:
    """The command line of a service; ends the process with its exit status."""
    asked = _parser(service).parse_args(arguments)
    try:
        settings = service.settings()
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False):
            name = "_".join(map(str, error["loc"])).upper()
            sys.stderr.write(f"ATTAIN_{name}: {error['msg']}\n" if name else f"{error['msg']}\n")
        sys.exit(MISCONFIGURED)
    except SettingsError as invalid:
        sys.stderr.write(f"{invalid}: JSON is expected\n")
        sys.exit(MISCONFIGURED)
    if asked.command == "openapi":
        sys.stdout.write(openapi(service, settings))
        sys.exit(0)
    configure_logs(service.name, settings.log_level)
    if asked.command == "migrate":
        _collect_rarely()
        asyncio.run(migrate(service, settings))
        sys.exit(0)
    sys.exit(serve(service, settings, asked.role))


def openapi(service: Service, settings: Settings) -> str:
    """The service's OpenAPI document as JSON text."""
    document = create_app(service, settings).openapi()
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class _Server(uvicorn.Server):
    """Wakes once a second, for the date in its answers, and when it is to end. uvicorn looks for that ten times a
    second, which is a seventh of what an idle service takes.
    """

    _exits = False
    _ended: Callable[[], object] | None = None

    @property
    def should_exit(self) -> bool:
        """Whether it is to end."""
        return self._exits

    @should_exit.setter
    def should_exit(self, exits: bool) -> None:
        self._exits = exits
        if exits and self._ended is not None:
            self._ended()

    async def main_loop(self) -> None:
        """As uvicorn's."""
        ending = asyncio.Event()
        self._ended = partial(asyncio.get_running_loop().call_soon_threadsafe, ending.set)
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), 1.0)


def serve(service: Service, settings: Settings, role: str) -> int:
    """Serves until SIGTERM or SIGINT: then finishes requests, stops workers, closes pools. Returns the exit status."""

    def stop() -> None:
        server.should_exit = True

    app = create_app(
        service, settings, workers=role in ("worker", "all"), api=role in ("api", "all"), on_death=stop
    )
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            loop="uvloop",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
    )
    # uvicorn raises the signals that it caught once more after a clean stop; a clean stop is status 0 here.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    app.state.stopping = lambda: server.should_exit
    log.info("starting", role=role, port=settings.http_port)
    _collect_rarely()
    server.run()
    if not server.started:
        log.critical("not started", role=role)
        return 1
    if app.state.crew.died:
        return WORKER_DIED
    log.info("stopped", role=role)
    return 0


def _collect_rarely() -> None:
    """What was made so far stays: the collector shall not walk it again. And a batch of thousands is no garbage."""
    gc.freeze()
    gc.set_threshold(MADE_BETWEEN_COLLECTIONS)
    gc.enable()


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {service.name}", description=service.title)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the current schema and seed it")
    serving = commands.add_parser("serve", help="serve the API, run the workers, or both")
    serving.add_argument("--role", choices=["api", "worker", "all"], default="all")
    commands.add_parser("openapi", help="print the OpenAPI document")
    return parser
