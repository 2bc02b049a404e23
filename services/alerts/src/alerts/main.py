"""The alerts service 预警: rules, what must fire when nothing happens, incidents and who is told."""

import feed
from alerts.backtests import api as backtests
from alerts.incidents import api as incidents
from alerts.rulebook import api as rulebook
from alerts.seeds import set_up
from alerts.settings import AlertsSettings
from alerts.webhooks import api as webhooks
from alerts.worker import workers
from runtime import Service

service = Service(
    name="alerts",
    title="Attain alerts 预警",
    description="Rules, incidents and their response, webhooks.",
    routers=[rulebook.router, backtests.router, incidents.router, webhooks.router, feed.router],
    settings=AlertsSettings,
    workers=workers,
    migrations="alerts.migrations.versions",
    setup=set_up,
)
