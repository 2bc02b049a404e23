"""The loopback ports of an instance: the same at every start, different for each checkout."""

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from attain.problems import LocalProblem

SERVICES = ("leads", "opportunities", "targets", "alerts", "reporting")

_FIRST, _BLOCKS, _BLOCK = 20_000, 1_200, 10
"""Up to 31,999: below the ports that systems give to outgoing connections."""


class NoFreePorts(LocalProblem):
    """Every block of ports is in use."""


class Ports(BaseModel):
    """One block of adjacent ports."""

    postgres: int
    kafka: int
    kafka_controller: int
    services: dict[str, int]

    @classmethod
    def block(cls, first: int) -> Self:
        numbers = {name: first + 3 + place for place, name in enumerate(SERVICES)}
        return cls(postgres=first, kafka=first + 1, kafka_controller=first + 2, services=numbers)

    @classmethod
    def choose(cls, home: Path) -> Self:
        """The first free block, looking from one that follows from the home folder's path."""
        for first in _blocks(home):
            ports = cls.block(first)
            if not ports.taken():
                return ports
        raise NoFreePorts(f"All ports from {_FIRST} to {_FIRST + _BLOCKS * _BLOCK - 1} are in use.")

    def taken(self) -> list[int]:
        """Those that something listens on now."""
        numbers = (self.postgres, self.kafka, self.kafka_controller, *self.services.values())
        return [number for number in numbers if not is_free(number)]


def is_free(port: int) -> bool:
    """Whether one could listen on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _blocks(home: Path) -> Iterator[int]:
    start = int.from_bytes(hashlib.sha256(str(home).encode()).digest()[:4]) % _BLOCKS
    return (_FIRST + (start + step) % _BLOCKS * _BLOCK for step in range(_BLOCKS))
