"""Imports structlog without rich, which it takes wherever it is installed: a terminal's colours are a twentieth of what
the start of a service takes, and its lines are JSON. Whoever writes for terminals imports rich as ever.
"""

import sys
from typing import Any, cast

if "rich" not in sys.modules:
    cast(dict[str, Any], sys.modules)["rich"] = None  # an import of it fails
    import structlog.dev  # noqa: F401

    del sys.modules["rich"]
