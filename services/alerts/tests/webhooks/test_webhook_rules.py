"""When a webhook is called again, what counts as taken, how calls are signed, and where none goes."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from alerts.webhooks.refusals import EventTypeNotOffered, WebhookAddressInsecure, WebhookAddressNotPublic
from alerts.webhooks.rules import (
    PAUSES,
    SUBSCRIBABLE,
    Answer,
    Failure,
    may_call,
    next_try,
    require_callable,
    secret_of,
    signature,
    subscription,
)

NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
DOWN = Answer(status=503)


def test_ten_tries_come_after_the_pauses_of_the_standard() -> None:
    waited = [next_try(tries, DOWN, NOW, 0.0) for tries in range(1, 10)]
    hours = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]
    assert waited == [NOW + timedelta(hours=each) for each in hours]
    assert next_try(len(PAUSES), DOWN, NOW, 0.0) is None


def test_chance_puts_a_try_off_by_up_to_a_tenth_of_its_pause() -> None:
    assert next_try(2, DOWN, NOW, 0.5) == NOW + timedelta(minutes=5) * 1.05


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("Wed, 01 Jul 2026 02:10:00 GMT", timedelta(minutes=10)),
        ("1", timedelta(seconds=5)),
        ("Wed, 01 Jul 2026 01:00:00 GMT", timedelta(seconds=5)),
        ("Fri, 01 Jul 2050 01:00:00 GMT", timedelta(hours=24)),
        ("9" * 30, timedelta(hours=24)),
        ("soon", timedelta(seconds=5)),
        ("-5", timedelta(seconds=5)),
        ("", timedelta(seconds=5)),
        (None, timedelta(seconds=5)),
    ],
)
def test_a_receiver_may_put_the_next_try_off_but_not_bring_it_forward(
    header: str | None, waits: timedelta
) -> None:
    assert next_try(1, Answer(status=429, retry_after=header), NOW, 0.0) == NOW + waits


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (200, None),
        (204, None),
        (299, None),
        (301, Failure.refused),
        (404, Failure.refused),
        (410, Failure.gone),
        (500, Failure.refused),
        (101, Failure.refused),
    ],
)
def test_only_2xx_counts_as_taken(status: int, fault: Failure | None) -> None:
    assert Answer(status=status).fault is fault


def test_a_call_without_an_answer_failed_for_its_own_reason_and_gone_is_not_tried_again() -> None:
    assert Answer(failure=Failure.timed_out).fault is Failure.timed_out
    assert next_try(1, Answer(status=410), NOW, 0.0) is None


def test_a_signature_is_verified_by_the_standards_own_library_with_either_secret() -> None:
    old, new = secret_of(b"o" * 32), secret_of(b"n" * 32)
    now = datetime.now(UTC)
    content = '{"type":"alerts.incident.raised.v1","data":{"rule":"商机停滞"}}'.encode()
    headers = {
        "webhook-id": "0199d1a2",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature([new, old], "0199d1a2", int(now.timestamp()), content),
    }
    for secret in (old, new):
        assert Webhook(secret).verify(content, headers)["data"] == {"rule": "商机停滞"}


def test_a_webhook_asks_for_incidents_events_each_once() -> None:
    assert subscription([SUBSCRIBABLE[1], SUBSCRIBABLE[0], SUBSCRIBABLE[1]]) == SUBSCRIBABLE[:2]
    with pytest.raises(EventTypeNotOffered, match=r"alerts\.incident\.raised\.v1"):
        subscription(["alerts.webhook.defined.v1"])


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"],
)
def test_public_addresses_are_called(address: str) -> None:
    assert may_call(address, allow_loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::",
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "fd12::1", "fc00::1",
        "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "224.0.0.1", "239.1.1.1", "ff02::1", "255.255.255.255", "240.0.0.1",
        "192.0.2.1", "198.18.0.1", "203.0.113.9", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::1", "2001::a00:1", "fec0::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_called(address: str) -> None:
    assert not may_call(address, allow_loopback=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_development_setting_allows_loopback_and_nothing_else(address: str) -> None:
    assert may_call(address, allow_loopback=True)
    for other in ("10.1.2.3", "169.254.169.254", "fe80::1", "0.0.0.0"):
        assert not may_call(other, allow_loopback=True)


def test_an_address_needs_https_no_password_and_a_public_host() -> None:
    require_callable("https", "example.com", credentials=False, allow_loopback=False)
    with pytest.raises(WebhookAddressInsecure):
        require_callable("http", "example.com", credentials=False, allow_loopback=False)
    with pytest.raises(WebhookAddressInsecure):
        require_callable("https", "example.com", credentials=True, allow_loopback=False)
    for host in ("127.0.0.1", "[::1]", "169.254.169.254"):
        with pytest.raises(WebhookAddressNotPublic):
            require_callable("https", host, credentials=False, allow_loopback=False)
    require_callable("http", "127.0.0.1", credentials=False, allow_loopback=True)
