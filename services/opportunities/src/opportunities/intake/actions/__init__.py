"""Taking in many rows: a number of statements that does not depend on how many they are."""

from opportunities.intake.actions.history import import_history
from opportunities.intake.actions.verbs import do_verbs

__all__ = ["do_verbs", "import_history"]
