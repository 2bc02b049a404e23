"""What leads refuse."""

from contracts.refusal import Refusal


class PhoneImpossible(Refusal):
    code = "phone_impossible"
    status = 422
    en = "There is no such phone number"
    zh = "电话号码不存在"
    en_detail = (
        "The number is not possible in region {region}; give it as dialled there, or with its country code: "
        "+86 138 0013 8000."
    )
    zh_detail = "该号码在地区 {region} 不可能存在;请按当地拨号方式填写,或带国家代码:+86 138 0013 8000。"


class EmailImpossible(Refusal):
    code = "email_impossible"
    status = 422
    en = "This is no e-mail address"
    zh = "不是电子邮箱地址"
    en_detail = "An address like name@example.com is expected."
    zh_detail = "应为 name@example.com 形式的地址。"


class CreditCodeMalformed(Refusal):
    code = "credit_code_malformed"
    status = 422
    en = "This is no unified social credit code"
    zh = "不是统一社会信用代码"
    en_detail = "18 digits and capital letters are expected."
    zh_detail = "应为 18 位数字和大写字母。"


class LeadHeldByAnother(Refusal):
    code = "lead_held_by_another"
    en = "Somebody else has this lead"
    zh = "该线索由他人持有"
    en_detail = (
        "A lead with the same {identity} was captured on {captured_on}; ask operations, or wait for the pool."
    )
    zh_detail = "相同 {identity} 的线索已于 {captured_on} 录入;请联系运营,或等待其进入公海。"


class LeadClosed(Refusal):
    code = "lead_closed"
    en = "The lead is closed"
    zh = "线索已关闭"
    en_detail = "It is {state}: contacts may be logged, and nothing else."
    zh_detail = "该线索状态为 {state}:只能登记联系,不能做其他操作。"


class LeadQualifiedAlready(Refusal):
    code = "lead_qualified_already"
    en = "The lead was qualified already"
    zh = "线索已确认过"
    en_detail = "It may be converted, discarded or released."
    zh_detail = "可以转为商机、废弃或退回公海。"


class IntentUnchanged(Refusal):
    code = "intent_unchanged"
    en = "The intent is judged so already"
    zh = "意向等级未变化"
    en_detail = "It is {intent}; choose another."
    zh_detail = "当前为 {intent};请选择其他等级。"


class OwnerUnchanged(Refusal):
    code = "lead_owner_unchanged"
    en = "The person has the lead already"
    zh = "该人员已持有此线索"
    en_detail = "{owner} owns it; choose somebody else."
    zh_detail = "负责人已是 {owner};请选择其他人员。"


class LeadWithoutOwner(Refusal):
    code = "lead_without_owner"
    en = "Nobody owns the lead"
    zh = "线索没有负责人"
    en_detail = "Claim it or assign it first."
    zh_detail = "请先领取或分配。"


class LeadAlreadyClaimed(Refusal):
    code = "lead_already_claimed"
    en = "Somebody was faster"
    zh = "线索已被他人领取"
    en_detail = "The lead left the pool at {since}; choose another from `GET /v1/leads?pooled=true`."
    zh_detail = "该线索已于 {since} 离开公海;请从 `GET /v1/leads?pooled=true` 选择其他线索。"


class ClaimerIsNobody(Refusal):
    code = "claimer_is_nobody"
    en = "Only people of the organisation claim leads"
    zh = "仅组织内人员可领取线索"
    en_detail = "Your token names no person who could own the lead; use `assign` with an owner_id."
    zh_detail = "您的令牌不对应任何人员,无法持有线索;请使用 `assign` 并指定 owner_id。"


class NobodyHasRoom(Refusal):
    code = "nobody_has_room"
    en = "No rule gives the lead to anybody today"
    zh = "今日没有规则可分配此线索"
    en_detail = (
        "No active rule is about the lead, or everybody's share of today is taken; name an owner_id, or wait."
    )
    zh_detail = "没有适用于该线索的启用规则,或今日份额已用完;请指定 owner_id,或等待。"
