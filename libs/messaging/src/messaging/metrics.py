"""What consumers show at `/metrics`."""

from prometheus_client import Gauge

BEHIND = Gauge(
    "attain_consumer_behind_events",
    "Events that lie on Kafka and are not applied yet, in the partitions that this process reads",
    ["group", "topic"],
)
PARKED = Gauge("attain_consumer_parked_roots", "Roots of a consumer group that wait", ["group"])
ALARM = Gauge("attain_consumer_alarm", "1 while a consumer stands still until a person decides", ["group"])
