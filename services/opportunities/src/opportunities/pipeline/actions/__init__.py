"""What can be done with opportunities and pipelines: load, ask the rule, record the fact, change the row."""

from opportunities.pipeline.actions.definitions import define_pipeline
from opportunities.pipeline.actions.verbs import (
    change_opportunity,
    change_owner,
    change_stage,
    lose,
    open_opportunity,
    reopen,
    void,
    win,
)

__all__ = [
    "change_opportunity",
    "change_owner",
    "change_stage",
    "define_pipeline",
    "lose",
    "open_opportunity",
    "reopen",
    "void",
    "win",
]
