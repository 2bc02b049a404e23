"""How the event path is tuned. The defaults were measured; only the address of Kafka must be given."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MessagingSettings(BaseSettings):
    """From the environment (`ATTAIN_…`); a service's settings inherit these."""

    model_config = SettingsConfigDict(env_prefix="ATTAIN_", extra="ignore", frozen=True)

    kafka_bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, `host:port[,host:port]`")

    relay_page: int = Field(2_000, ge=1, description="ledger rows that a relay publishes at a time")
    relay_pages: int = Field(3, ge=1, description="pages that are on their way to Kafka at a time")
    relay_batch_bytes: int = Field(262_144, ge=1_024, description="bytes of one Kafka record batch")
    relay_poll_busy: float = Field(
        0.002,
        gt=0,
        description="seconds until the second look after facts came in; each later pause is longer",
    )
    relay_poll_idle: float = Field(
        1.0, gt=0, le=2, description="most seconds between two looks while nothing comes in"
    )
    relay_standby: float = Field(
        0.5, gt=0, le=2, description="seconds between two tries to become the active relay"
    )
    publish_deadline: float = Field(
        10.0, gt=0, description="seconds after which a page is given up: new producer, same page again"
    )

    reaction_batch: int = Field(500, ge=1, description="events of one reaction transaction")
    projection_batch: int = Field(
        10_000, ge=1, description="events of a projector's batch, of which each connection gets its share"
    )
    projection_connections: int = Field(
        2, ge=1, le=12, description="connections that apply a projector's batch side by side, by partition"
    )
    rebuild_batch: int = Field(20_000, ge=1, description="events of one transaction of a rebuild")
    fetch_wait_ms: int = Field(
        20,
        ge=1,
        description="milliseconds that Kafka may hold a fetch that finds nothing while events come in",
    )
    quiet_fetch_wait_ms: int = Field(
        4_000,
        ge=1,
        le=10_000,
        description="the same once no event has come for a second, and twice that after 30; the first is not held up",
    )
    session_timeout_ms: int = Field(
        6_000, ge=1, description="milliseconds of silence after which a consumer counts as dead"
    )
    heartbeat: float = Field(
        1.0,
        gt=0,
        description="seconds between two looks at retries, lag and hints; more after a silence",
    )
    park_most: int = Field(
        100,
        ge=1,
        description="roots that may fail before a consumer stands still, if they are over half of what it tried",
    )
    stalled_after: float = Field(
        60.0, gt=0, description="seconds of failures in a row after which a worker says that it is stuck"
    )
    backoff_most: float = Field(
        5.0, gt=0, description="most seconds between two tries after failures in a row"
    )
