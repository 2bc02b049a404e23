"""What is refused about objections."""

from contracts.refusal import Refusal


class ObjectionAnsweredAlready(Refusal):
    code = "objection_answered_already"
    en = "The objection was answered already"
    zh = "该异议已回复"
    en_detail = "It was answered at {answered_at}; log an interaction instead, or raise a new objection."
    zh_detail = "该异议已于 {answered_at} 回复;请登记互动,或登记新的异议。"
