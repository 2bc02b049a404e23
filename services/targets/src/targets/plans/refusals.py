"""What the plans refuse."""

from contracts import Refusal


class MetricUnknown(Refusal):
    code = "metric_unknown"
    status = 422
    en = "There is no such metric"
    zh = "指标不存在"
    en_detail = "{asked} is no defined metric."
    zh_detail = "{asked} 不是已定义的指标。"


class PeriodUnknown(Refusal):
    code = "period_unknown"
    status = 422
    en = "There is no such period"
    zh = "期间不存在"
    en_detail = "{asked} is no period of the calendar; generate its year or add it."
    zh_detail = "日历中没有期间 {asked};请先生成该年度或添加该期间。"


class DimensionUnknown(Refusal):
    code = "dimension_unknown"
    status = 422
    en = "The metric is not told apart by this"
    zh = "该指标没有此维度"
    en_detail = "{metric} has no dimension {asked}; allowed: {allowed}."
    zh_detail = "{metric} 没有维度 {asked};可用:{allowed}。"


class SubjectNotThere(Refusal):
    code = "subject_not_there"
    status = 422
    en = "Nobody is there to reach the target"
    zh = "期间内没有目标对象"
    en_detail = "{subject} does not exist on any day of {period}."
    zh_detail = "{subject} 在 {period} 期间的任何一天都不存在。"


class ChallengeNotBeyondBase(Refusal):
    code = "challenge_not_beyond_base"
    status = 422
    en = "The challenge asks for less than the base"
    zh = "挑战目标低于基础目标"
    en_detail = "The base is {base}; of this metric {direction}, so {challenge} would be reached before it."
    zh_detail = "基础目标为 {base};该指标的方向为 {direction},挑战目标 {challenge} 会先于基础目标达成。"


class ValueTooFine(Refusal):
    code = "value_too_fine"
    status = 422
    en = "The value is finer than the metric"
    zh = "数值精度超过指标"
    en_detail = "{value} is no multiple of {quantum}, the smallest part of {metric}."
    zh_detail = "{value} 不是 {metric} 最小单位 {quantum} 的整数倍。"


class TargetPublishedAlready(Refusal):
    code = "target_published_already"
    en = "The target is published already"
    zh = "目标已发布"
    en_detail = "{id} is the target of {subject} for {metric} in {period}; revise or withdraw it."
    zh_detail = "{subject} 在 {period} 的 {metric} 目标为 {id};请修订或撤回它。"


class TargetNotPublished(Refusal):
    code = "target_not_published"
    en = "The target does not hold"
    zh = "目标未生效"
    en_detail = "{id} is {state}; only published targets can be changed, divided or have parts."
    zh_detail = "{id} 的状态为 {state};只有已发布的目标可以修订、分解或作为上级。"


class RevisionNeedsReason(Refusal):
    code = "revision_needs_reason"
    status = 422
    en = "A change of a target needs a reason"
    zh = "修订目标需要原因"
    en_detail = (
        "{id} is published with base {base} and challenge {challenge}; name a `reason_code` to revise it."
    )
    zh_detail = "{id} 已发布,基础目标 {base},挑战目标 {challenge};修订时请填写 reason_code。"


class RevisionOutOfOrder(Refusal):
    code = "revision_out_of_order"
    status = 422
    en = "The revision would change what is agreed already"
    zh = "修订会改变已确定的目标"
    en_detail = "A revision takes effect from {earliest} until before {latest}; {asked} lies outside."
    zh_detail = "修订的生效日须在 {earliest} 至 {latest}(不含)之间;{asked} 不在其内。"


class PartsStillPublished(Refusal):
    code = "parts_still_published"
    en = "Parts of the target are still published"
    zh = "仍有已发布的下级目标"
    en_detail = "{count} parts of {id} are published; withdraw them too with `with_parts`."
    zh_detail = "{id} 仍有 {count} 个已发布的下级目标;可用 with_parts 一并撤回。"


class RatioDoesNotDivide(Refusal):
    code = "ratio_does_not_divide"
    en = "A ratio has no parts"
    zh = "比率不能分解"
    en_detail = "{metric} is a ratio: its parts do not sum to the whole. Publish a target for each."
    zh_detail = "{metric} 是比率,各部分之和不等于整体。请分别发布目标。"


class NothingToDivideOver(Refusal):
    code = "nothing_to_divide_over"
    status = 422
    en = "There is nothing to divide the target over"
    zh = "没有可分解的对象"
    en_detail = "The target of {subject} in {period} has no {over} to be divided over."
    zh_detail = "{subject} 在 {period} 的目标没有可用于分解的 {over}。"


class PartUnknown(Refusal):
    code = "part_unknown"
    status = 422
    en = "The target has no such part"
    zh = "目标没有此部分"
    en_detail = "{asked} is no part of the target; allowed: {allowed}."
    zh_detail = "{asked} 不是该目标的组成部分;可用:{allowed}。"


class PartsOverlap(Refusal):
    code = "parts_overlap"
    status = 422
    en = "Two parts overlap"
    zh = "部分之间有重叠"
    en_detail = "{parts} overlap or are named twice; the same result would count twice."
    zh_detail = "{parts} 有重叠或重复;同一结果会被重复计算。"


class PartsWithoutWeight(Refusal):
    code = "parts_without_weight"
    status = 422
    en = "The parts have no weight"
    zh = "各部分没有权重"
    en_detail = "The weights sum to zero; give at least one part a weight."
    zh_detail = "权重合计为零;请至少给一个部分设置权重。"


class SharesExceedTarget(Refusal):
    code = "shares_exceed_target"
    status = 422
    en = "The given shares exceed the target"
    zh = "给定的份额超过目标"
    en_detail = "The given shares sum to {given} of {total}; nothing is left for the other parts."
    zh_detail = "给定份额合计 {given},超过总额 {total};其余部分没有余额。"


class TermsAreFixed(Refusal):
    code = "terms_are_fixed"
    en = "Weight, owner and parent do not change"
    zh = "权重、负责人与上级目标不可更改"
    en_detail = "{id} was published with {agreed}, not {asked}; withdraw it and publish another."
    zh_detail = "{id} 发布时为 {agreed},不是 {asked};请撤回后重新发布。"
