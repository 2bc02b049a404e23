"""Histories for tests: events as the services would have told them, each root numbered without holes.

history = History()
wang = history.person("E1", unit=history.unit("east"))
history.deal(wang, at=date(2026, 1, 5), amount=1200).moved("intent").won(at=date(2026, 2, 2))
history.events  # list of Received, in the order told
"""

from testkit.history.deals import DealHistory
from testkit.history.history import STAGES, History
from testkit.history.leads import LeadHistory
from testkit.history.moments import BUSINESS_ZONE, START, Moment, moment

__all__ = ["BUSINESS_ZONE", "STAGES", "START", "DealHistory", "History", "LeadHistory", "Moment", "moment"]
