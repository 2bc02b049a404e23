"""`python -m targets migrate | serve | openapi`."""

import gc

gc.disable()  # while importing it would walk again and again over what stays; `serve` turns it on

from runtime import start  # noqa: E402

start("targets")
