"""What the rulebook refuses."""

from contracts.refusal import Refusal


class RuleUnchanged(Refusal):
    code = "rule_unchanged"
    en = "The rule says this already"
    zh = "规则未变化"
    en_detail = "Version {version} of {rule} is the same; change something, or leave it."
    zh_detail = "{rule} 的版本 {version} 与此相同;请修改内容,或保持不变。"
