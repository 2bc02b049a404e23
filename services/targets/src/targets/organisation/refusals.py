"""What the organisation refuses."""

from contracts import Refusal


class CodeTaken(Refusal):
    code = "code_taken"
    en = "The code is taken"
    zh = "代码已被占用"
    en_detail = "The code {asked} belongs to {id}."
    zh_detail = "代码 {asked} 已属于 {id}。"


class UnitUnknown(Refusal):
    code = "unit_unknown"
    status = 422
    en = "There is no such unit"
    zh = "单位不存在"
    en_detail = "{asked} is no unit; a unit stands before those that name it."
    zh_detail = "{asked} 不是已有单位;被引用的单位须先建立。"


class PersonUnknown(Refusal):
    code = "person_unknown"
    status = 422
    en = "There is no such person"
    zh = "人员不存在"
    en_detail = "{asked} is no person of the organisation."
    zh_detail = "{asked} 不是组织内的人员。"


class UnitAboveItself(Refusal):
    code = "unit_above_itself"
    en = "A unit would stand above itself"
    zh = "单位不能成为自己的上级"
    en_detail = "{unit} stands above {parent} on {day}; a unit cannot move below itself."
    zh_detail = "{day} 时 {unit} 是 {parent} 的上级;单位不能移到自己之下。"


class UnitNotThere(Refusal):
    code = "unit_not_there"
    en = "The unit does not exist on that day"
    zh = "该单位在当日不存在"
    en_detail = "{unit} exists {span}; {day} lies outside."
    zh_detail = "{unit} 的存续期为 {span};{day} 不在其内。"


class UnitInUse(Refusal):
    code = "unit_in_use"
    en = "The unit still holds somebody"
    zh = "单位仍有成员或下级"
    en_detail = (
        "From {closed_on} on {unit} still has {members} members and {units} units below; move them first."
    )
    zh_detail = "自 {closed_on} 起 {unit} 仍有 {members} 名成员和 {units} 个下级单位;请先调整。"


class RoleNotForPeople(Refusal):
    code = "role_not_for_people"
    status = 422
    en = "No person has this role"
    zh = "该角色不能授予人员"
    en_detail = "{role} is the role of a program; people are one of {allowed}."
    zh_detail = "{role} 是程序的角色;人员的角色为:{allowed}。"


class NotEmployedThen(Refusal):
    code = "not_employed_then"
    en = "The person does not belong to the company on that day"
    zh = "该人员在当日不属于公司"
    en_detail = "{person} belongs to the company {span}; {day} lies outside."
    zh_detail = "{person} 的在职期为 {span};{day} 不在其内。"


class MovesAfterLeaving(Refusal):
    code = "moves_after_leaving"
    en = "A move is planned after the leaving"
    zh = "离职日之后仍有调动安排"
    en_detail = "{person} moves on {day}; leaving before that needs a later day."
    zh_detail = "{person} 已安排在 {day} 调动;离职日须在其之后。"


class LeftAlready(Refusal):
    code = "left_already"
    en = "The person has left"
    zh = "该人员已离职"
    en_detail = "{person} left on {left_on}."
    zh_detail = "{person} 已于 {left_on} 离职。"


class HireIsFixed(Refusal):
    code = "hire_is_fixed"
    en = "Name and hire date do not change"
    zh = "姓名与入职日期不可更改"
    en_detail = "{person} was hired as {name} on {hired_on}; a row may change role and unit only."
    zh_detail = "{person} 入职时的姓名为 {name},入职日为 {hired_on};导入只能更改角色和单位。"
