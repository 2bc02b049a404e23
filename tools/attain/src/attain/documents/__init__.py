"""The documents that are generated from the code and committed: what is stale here fails `make check`."""

from attain.documents.generate import generate
from attain.documents.write import stale, write

__all__ = ["generate", "stale", "write"]
