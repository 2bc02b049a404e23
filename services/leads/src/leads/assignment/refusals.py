"""What rules of assignment refuse."""

from contracts.refusal import Refusal


class UnknownMember(Refusal):
    code = "unknown_member"
    status = 422
    en = "A member of the rule does not work here"
    zh = "规则成员不在职"
    en_detail = "There are no such people, or they have left: {asked}."
    zh_detail = "以下人员不存在或已离职:{asked}。"
