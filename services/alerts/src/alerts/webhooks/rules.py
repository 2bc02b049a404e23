"""When a webhook is called, what counts as taken, how a call is signed, and which addresses are never called."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from alerts.webhooks.refusals import EventTypeNotOffered, WebhookAddressInsecure, WebhookAddressNotPublic
from contracts import registry

SUBSCRIBABLE = sorted(type_ for type_ in registry() if type_.startswith("alerts.incident."))
"""The events that a webhook can ask for."""

PAUSES = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long each try waits after the one before (Standard Webhooks 1.0, "Deliverability and reliability")."""

JITTER = 0.1
"""Up to this share of its pause a try comes later, so that those that failed together do not return together."""

LONGEST_WAIT = PAUSES[-1]
"""As far as a receiver may put off the next try with `Retry-After`."""

OLD_SECRET_SIGNS = timedelta(hours=24)
"""How long the secret before signs as well, once there is a new one."""

SECRET_PREFIX = "whsec_"
GONE = 410


class DeliveryState(StrEnum):
    """Where an event's way to a webhook stands."""

    pending = "pending"
    delivered = "delivered"
    failed = "failed"


class Failure(StrEnum):
    """Why a try did not succeed. `refused` is any answer but 2xx, `gone` the 410 that disables the webhook."""

    refused = "refused"
    gone = "gone"
    timed_out = "timed_out"
    unresolved = "unresolved"
    address_refused = "address_refused"
    unreachable = "unreachable"
    insecure = "insecure"
    garbled = "garbled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call: a status, or why there is none. `content` is the beginning of the body."""

    status: int | None = None
    failure: Failure | None = None
    retry_after: str | None = None
    content: str = ""
    took: timedelta = timedelta(0)

    @property
    def fault(self) -> Failure | None:
        """Why the call did not succeed; None when it did: only 2xx does."""
        if self.status is None:
            return self.failure
        if self.status == GONE:
            return Failure.gone
        return None if 200 <= self.status < 300 else Failure.refused


def next_try(tries: int, answer: Answer, at: datetime, chance: float) -> datetime | None:
    """When to try again after `tries` that failed, the last one answered at `at`; None: it is given up.

    `chance` lies between 0 and 1. A receiver's `Retry-After` puts the try off, but never brings it forward.
    """
    if tries >= len(PAUSES) or answer.fault is Failure.gone:
        return None
    pause = PAUSES[tries] * (1 + JITTER * chance)
    return at + max(pause, min(_asked_to_wait(answer.retry_after, at), LONGEST_WAIT))


def _asked_to_wait(header: str | None, at: datetime) -> timedelta:
    """`Retry-After` in either of its forms (RFC 9110, 10.2.3); nothing for what is neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) < 9 else LONGEST_WAIT
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - at


def secret_of(random: bytes) -> str:
    """A secret as it is shown: at least 24 bytes, in base64 after its prefix."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def signature(secrets: Sequence[str], message_id: str, timestamp: int, content: bytes) -> str:
    """The header `webhook-signature`: one HMAC-SHA256 for each secret, over id, Unix seconds and the bytes sent."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), content))
    return " ".join(f"v1,{base64.b64encode(_hmac(secret, signed)).decode()}" for secret in secrets)


def _hmac(secret: str, signed: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return hmac.digest(key, signed, hashlib.sha256)


def subscription(event_types: Sequence[str]) -> list[str]:
    """The events that a webhook asks for, each once. Refuses a type that is not offered."""
    for position, asked in enumerate(event_types):
        if asked not in SUBSCRIBABLE:
            raise EventTypeNotOffered(
                pointer=f"/event_types/{position}", asked=asked, allowed=", ".join(SUBSCRIBABLE)
            )
    return sorted(set(event_types))


def require_callable(scheme: str, host: str, *, credentials: bool, allow_loopback: bool) -> None:
    """Refuses an address that could never be called. Names are resolved and checked at each try."""
    plain = scheme == "http" and allow_loopback
    if credentials or not (scheme == "https" or plain):
        raise WebhookAddressInsecure(pointer="/url", scheme=scheme)
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return
    if not may_call(host.strip("[]"), allow_loopback=allow_loopback):
        raise WebhookAddressNotPublic(pointer="/url", host=host)


GLOBAL_UNICAST = IPv6Network("2000::/3")
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""Teredo and 6to4: addresses that wrap another one."""

PLATFORM_ADDRESSES = frozenset({IPv4Address("168.63.129.16")})
"""Public addresses behind which a cloud serves its own machines."""


def may_call(address: str, *, allow_loopback: bool) -> bool:
    """Whether an address (IPv4 or IPv6, as text) is on the public internet: not private, loopback, link-local,
    shared, metadata, multicast or reserved, nor one of those wrapped into IPv6.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return allow_loopback
    if isinstance(found, IPv6Address):
        wrapped = any(found in tunnel for tunnel in TUNNELS)
        return found in GLOBAL_UNICAST and found.is_global and not wrapped
    return found.is_global and not found.is_multicast and found not in PLATFORM_ADDRESSES
