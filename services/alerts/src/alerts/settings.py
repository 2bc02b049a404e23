"""What the alerts service can be told from outside."""

from messaging import MessagingSettings
from runtime import Settings


class AlertsSettings(Settings, MessagingSettings):
    """How its processes start and are asked, and how they reach Kafka."""
