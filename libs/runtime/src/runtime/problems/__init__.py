"""Problems (RFC 9457): refusals, validation errors and failures as answers in the caller's language."""

from runtime.problems.catalogue import catalogue
from runtime.problems.fields import broken_rule, field_problems, pointer
from runtime.problems.model import FieldProblem, Problem, problem, trace_id
from runtime.problems.refusals import ProtocolRefusal

__all__ = [
    "FieldProblem",
    "Problem",
    "ProtocolRefusal",
    "broken_rule",
    "catalogue",
    "field_problems",
    "pointer",
    "problem",
    "trace_id",
]
