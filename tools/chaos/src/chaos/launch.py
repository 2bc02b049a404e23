"""Starts a service with the named points installed: `python -m chaos.launch SERVICE serve --role worker`."""

import ctypes
import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def main(service: str, arguments: list[str]) -> None:
    """Becomes the service. It ends with the harness even while it is frozen, which no other signal can promise."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    gc.disable()  # as `python -m` of the service
    from chaos.points import ORDERS, Orders, install
    from runtime import Service, run

    install(Orders(Path(os.environ[ORDERS])))
    declared: Service = import_module(f"{service}.main").service
    run(declared, arguments)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
