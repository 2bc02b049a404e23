"""What is refused of imported leads, and what they are taken otherwise than they say."""

from contracts.refusal import Refusal


class CapturedAtFixed(Refusal):
    code = "captured_at_fixed"
    en = "When a lead was captured does not change"
    zh = "线索的获取时间不可更改"
    en_detail = "The lead was captured at {captured_at}; the row says {asked}."
    zh_detail = "该线索获取于 {captured_at};该行为 {asked}。"


class OwnerNeeded(Refusal):
    code = "lead_owner_needed"
    status = 422
    en = "A lead that became an opportunity needs an owner"
    zh = "已转为商机的线索必须有负责人"
    en_detail = "Give owner_code: whoever worked on it is credited with the outcome."
    zh_detail = "请填写 owner_code:结果计入当时的负责人。"


class ClosedBeforeCaptured(Refusal):
    """A warning."""

    code = "closed_before_captured"
    status = 422
    en = "The lead ended before it began"
    zh = "线索在获取之前已结束"
    en_detail = "closed_at is {asked}, before {captured_at}; it is kept as closed at its last known instant."
    zh_detail = "closed_at 为 {asked},早于 {captured_at};已按其最后已知时间记为结束。"


class LeadKnownAlready(Refusal):
    """A warning."""

    code = "lead_known_already"
    en = "The lead is known already"
    zh = "线索已存在"
    en_detail = (
        "A lead with the same {identity} was captured on {captured_on}; the row is answered with that one."
    )
    zh_detail = "相同 {identity} 的线索已于 {captured_on} 录入;该行以已有线索作答。"
