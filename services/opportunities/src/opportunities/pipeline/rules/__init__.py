"""What the pipeline allows: each rule returns the fact, or refuses and says what would be allowed."""

from opportunities.pipeline.rules.changes import CHANGEABLE, change, change_owner
from opportunities.pipeline.rules.closing import lose, reopen, void, win
from opportunities.pipeline.rules.definition import define_pipeline
from opportunities.pipeline.rules.opening import current_version, open_opportunity
from opportunities.pipeline.rules.stages import change_stage
from opportunities.pipeline.rules.standing import Standing, State

__all__ = [
    "CHANGEABLE",
    "Standing",
    "State",
    "change",
    "change_owner",
    "change_stage",
    "current_version",
    "define_pipeline",
    "lose",
    "open_opportunity",
    "reopen",
    "void",
    "win",
]
