"""When a rule fires: episodes are a pure function of the rule, the facts and the calendar.

The same code says what fires now and, in a backtest, what would have fired then.
"""

from alerts.timers.rules.calendar import Calendar
from alerts.timers.rules.conditions import holds
from alerts.timers.rules.episodes import Episode, Over
from alerts.timers.rules.readings import Reading, reading_episodes
from alerts.timers.rules.timers import Fact, timer_episodes

__all__ = [
    "Calendar",
    "Episode",
    "Fact",
    "Over",
    "Reading",
    "holds",
    "reading_episodes",
    "timer_episodes",
]
