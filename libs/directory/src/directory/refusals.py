"""What is refused about owners."""

from contracts.refusal import Refusal


class UnknownOwner(Refusal):
    code = "unknown_owner"
    status = 422
    en = "The owner is nobody whom you may assign to"
    zh = "不能分配给该负责人"
    en_detail = "There is no person {asked} to whom you may assign records."
    zh_detail = "没有您可以分配的人员 {asked}。"


class OwnerHasLeft(Refusal):
    code = "owner_has_left"
    status = 422
    en = "The owner has left the company"
    zh = "负责人已离职"
    en_detail = "{asked} left on {left_on}; choose somebody who is there on the day of the fact."
    zh_detail = "{asked} 已于 {left_on} 离职;请选择当日在职的人员。"
