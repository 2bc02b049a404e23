"""The alerts service 预警: rules, what must fire when nothing happens, incidents and who is told."""

from alerts.settings import AlertsSettings
from alerts.worker import workers
from runtime import Service

service = Service(
    name="alerts",
    title="Attain alerts 预警",
    description="Rules, incidents and their response, webhooks.",
    settings=AlertsSettings,
    workers=workers,
    migrations="alerts.migrations.versions",
)
