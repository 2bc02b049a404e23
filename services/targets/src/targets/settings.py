"""What the targets service can be told from outside."""

from messaging import MessagingSettings
from runtime import Settings


class TargetsSettings(Settings, MessagingSettings):
    """How its processes start and are asked, and how they reach Kafka."""
