"""`python -m reporting migrate | serve | openapi`."""

import gc


def main() -> None:
    """Imports without the collector, which would walk again and again over what stays; `run` turns it on."""
    gc.disable()
    from reporting.main import service
    from runtime import run

    run(service)


main()
