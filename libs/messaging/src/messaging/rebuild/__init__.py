"""Makes a projection anew from the events, beside the live one, and swaps the two in one transaction."""

from messaging.rebuild.comparing import Compared, Versions
from messaging.rebuild.filling import RebuildFailed
from messaging.rebuild.progress import Progress, Step
from messaging.rebuild.rebuilding import RebuildUnderWay, Rebuilt, ensure_current, rebuild

__all__ = [
    "Compared",
    "Progress",
    "RebuildFailed",
    "RebuildUnderWay",
    "Rebuilt",
    "Step",
    "Versions",
    "ensure_current",
    "rebuild",
]
