"""The supervisor's process: `python -m attain.instance.supervise HOME SERVICE…`, started by `attain up`."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from attain.instance.layout import Instance, State, write_private
from attain.instance.topology import servers, topology
from attain.parts.cache import ensure_kafka, ensure_postgres
from attain.processes.state import ProcessState
from attain.processes.supervisor import Supervisor
from attain.settings import LocalSettings

_HEARTBEAT = 1.0


async def supervise(instance: Instance, services: Collection[str]) -> None:
    """Keep the instance running with these services until SIGTERM or SIGINT."""
    configuration = instance.configuration()
    if configuration is None:
        raise SystemExit(f"{instance.configuration_file} is missing; start the instance with `attain up`.")
    settings = LocalSettings()
    postgres, kafka = servers(instance, configuration, ensure_postgres(settings), ensure_kafka(settings))
    nodes = topology(instance, configuration, postgres, kafka, services)
    supervisor = Supervisor(nodes, instance.logs, lambda states: _tell(instance, states))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    mending = asyncio.create_task(_mend(instance, supervisor))
    await supervisor.run(stop)
    mending.cancel()
    instance.state_file.unlink(missing_ok=True)


async def _mend(instance: Instance, supervisor: Supervisor) -> None:
    """Write the instance's files again when someone deleted them: what runs must stay findable and usable."""
    kept = {
        file: file.read_text() for file in (instance.issuer_key, instance.jwks, instance.configuration_file)
    }
    while True:
        with suppress(OSError):  # a full or read-only disk must not end what runs
            for file, text in kept.items():
                if not file.exists():
                    write_private(file, text)
            if instance.state() is None:
                _tell(instance, supervisor.states())
        await asyncio.sleep(_HEARTBEAT)


def _tell(instance: Instance, states: list[ProcessState]) -> None:
    state = State(supervisor_pid=os.getpid(), processes=states)
    with suppress(
        OSError
    ):  # it is written again with the next change, or by the heartbeat when it is missing
        write_private(instance.state_file, state.model_dump_json(indent=1))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(supervise(Instance(Path(sys.argv[1])), sys.argv[2:]))
