"""Every kind of fault: importing this package registers them all."""

from chaos.faults import databases, disks, freezes, kills, network, records, scaling, writers
from chaos.faults.kind import KINDS, Kind, NotRun

__all__ = [
    "KINDS",
    "Kind",
    "NotRun",
    "databases",
    "disks",
    "freezes",
    "kills",
    "network",
    "records",
    "scaling",
    "writers",
]
