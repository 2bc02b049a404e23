"""The issuer's public keys (JWKS), from a file or an address, cached and refreshed when keys rotate."""

import asyncio
import json
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

KEEP_SECONDS = 600.0
RETRY_SECONDS = 10.0
"""Least time between two loads for a key id that is not known, so that made-up ids cost the issuer nothing."""

UNREADABLE = (OSError, HTTPException, ValueError, JoseError, RecursionError)
"""What goes wrong when keys are loaded: the issuer is away, or answers something that is no key set."""

log = structlog.get_logger(__name__)


class NoKeys(Exception):
    """There are no keys to verify tokens with; the message names the kind of failure."""


class Keys:
    """A key set that is loaded on first use, again every ten minutes, and at once for an unknown key id."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._keys: KeySet | None = None
        self._ids: frozenset[str | None] = frozenset()
        self._loaded_at = float("-inf")
        self._loads, self._failure = 0, ""
        self._lock = asyncio.Lock()

    async def for_key_id(self, key_id: str | None) -> KeySet:
        """The current keys; loaded anew if `key_id` is not among them.

        Raises `NoKeys` when there are none yet.
        """
        keys, loads = self._keys, self._loads
        age = time.monotonic() - self._loaded_at
        if keys is not None and age < (
            KEEP_SECONDS if key_id is None or key_id in self._ids else RETRY_SECONDS
        ):
            return keys
        async with self._lock:
            if self._loads == loads:  # nobody else tried while we waited: a queue of tries would take minutes
                await self._load()
        if self._keys is None:
            raise NoKeys(self._failure)
        return self._keys

    async def _load(self) -> None:
        try:
            self._keys = _key_set(json.loads(await asyncio.to_thread(_read, self._source)))
            self._ids = frozenset(key.kid for key in self._keys.keys)
        except UNREADABLE as error:
            self._failure = type(error).__name__
            if self._keys is not None:
                log.warning("keys not refreshed, the old ones stay", source=self._source, error=self._failure)
        self._loads += 1
        if self._keys is not None:
            self._loaded_at = time.monotonic()


def _key_set(found: Any) -> KeySet:
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError("no key set: an object with `keys` is expected")
    return KeySet.import_key_set({"keys": found["keys"]})


def _read(source: str) -> bytes:
    if source.startswith(("http://", "https://")):
        with urlopen(source, timeout=5) as answer:
            content: bytes = answer.read()
            return content
    return Path(source).read_bytes()
