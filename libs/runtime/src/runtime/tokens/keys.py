"""The issuer's public keys (JWKS), from a file or an address, cached and refreshed when keys rotate."""

import asyncio
import json
import time
from pathlib import Path
from urllib.request import urlopen

import structlog
from joserfc.jwk import KeySet

KEEP_SECONDS = 600.0
RETRY_SECONDS = 10.0
"""Least time between two loads for a key id that is not known, so that made-up ids cost the issuer nothing."""

log = structlog.get_logger(__name__)


class Keys:
    """A key set that is loaded on first use, again every ten minutes, and at once for an unknown key id."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._keys: KeySet | None = None
        self._loaded_at = float("-inf")
        self._lock = asyncio.Lock()

    async def for_key_id(self, key_id: str | None) -> KeySet:
        """The current keys; loaded anew if `key_id` is not among them.

        Raises `OSError` or `ValueError` when there are none yet.
        """
        keys, loaded_at = self._keys, self._loaded_at
        age = time.monotonic() - loaded_at
        if keys is not None and age < (KEEP_SECONDS if _holds(keys, key_id) else RETRY_SECONDS):
            return keys
        async with self._lock:
            if self._loaded_at == loaded_at:  # nobody else loaded while we waited
                await self._load()
        assert self._keys is not None
        return self._keys

    async def _load(self) -> None:
        try:
            self._keys = KeySet.import_key_set(json.loads(await asyncio.to_thread(_read, self._source)))
        except (OSError, ValueError) as error:
            if self._keys is None:
                raise
            log.warning(
                "keys not refreshed, the old ones stay", source=self._source, error=type(error).__name__
            )
        self._loaded_at = time.monotonic()


def _holds(keys: KeySet, key_id: str | None) -> bool:
    return key_id is None or any(key.kid == key_id for key in keys.keys)


def _read(source: str) -> bytes:
    if source.startswith(("http://", "https://")):
        with urlopen(source, timeout=5) as answer:
            content: bytes = answer.read()
            return content
    return Path(source).read_bytes()
