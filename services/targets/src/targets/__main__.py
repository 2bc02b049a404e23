"""`python -m targets migrate | serve | openapi`."""

import gc


def main() -> None:
    """Imports without the collector, which would walk again and again over what stays; `run` turns it on."""
    gc.disable()
    from runtime import run
    from targets.main import service

    run(service)


main()
