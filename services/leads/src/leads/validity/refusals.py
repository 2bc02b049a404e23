"""What the definition of a valid lead refuses."""

from contracts.refusal import Refusal


class ValidityOfThePast(Refusal):
    code = "validity_of_the_past"
    status = 422
    en = "A definition cannot judge leads that were judged already"
    zh = "定义不能追溯已判定的线索"
    en_detail = "effective_on is {asked}; the earliest day allowed is {earliest}."
    zh_detail = "effective_on 为 {asked};最早允许 {earliest}。"
