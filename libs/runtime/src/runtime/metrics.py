"""What Prometheus reads at `/metrics`."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("attain_http_requests", "Answered requests", ["service", "method", "route", "status"])
SECONDS = Histogram(
    "attain_http_request_seconds",
    "Time from a request to the end of its answer",
    ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_PROGRESS = Gauge("attain_http_requests_in_progress", "Requests that are being answered", ["service"])
EVENT_LOOP_LAG = Gauge("attain_event_loop_lag_seconds", "How late the event loop wakes a sleeper")
STALLED = Gauge("attain_worker_stalled", "1 for a worker that is stuck", ["service", "worker"])
PROVED = Counter(
    "attain_proof_checked",
    "Roots and records whose kept rows were held against their events",
    ["service", "what"],
)
DRIFTING = Gauge(
    "attain_proof_drifting", "Roots whose rows are known to differ from their events", ["service", "table"]
)
