"""What the pipeline refuses, in sentences that say what would be allowed."""

from contracts.refusal import Refusal


class UnknownStage(Refusal):
    code = "unknown_stage"
    status = 422
    en = "The pipeline has no such stage"
    zh = "销售流程中没有该阶段"
    en_detail = "The pipeline has no stage {asked}; its stages are {allowed}."
    zh_detail = "销售流程中没有阶段 {asked};可用阶段:{allowed}。"


class StageUnchanged(Refusal):
    code = "stage_unchanged"
    en = "The opportunity already stands in this stage"
    zh = "商机已处于该阶段"
    en_detail = "It already stands in {current}."
    zh_detail = "商机已处于阶段 {current}。"


class StageSkipped(Refusal):
    code = "stage_skipped"
    en = "A stage would be skipped"
    zh = "不能跳过阶段"
    en_detail = (
        "From {current} the next allowed stage is {allowed}; {asked} would skip {skipped}. "
        "A manager, regional manager, director or operations may allow it with a reason_code."
    )
    zh_detail = (
        "从 {current} 出发,下一个允许的阶段是 {allowed};{asked} 会跳过 {skipped}。"
        "经理、大区经理、总监或销售运营可凭 reason_code 放行。"
    )


class StageSteppedBack(Refusal):
    code = "stage_stepped_back"
    en = "The opportunity would step back"
    zh = "不能退回阶段"
    en_detail = (
        "{asked} lies before {current}; from {current} the next allowed is {allowed}. "
        "A manager, regional manager, director or operations may allow it with a reason_code."
    )
    zh_detail = (
        "{asked} 位于 {current} 之前;从 {current} 出发,下一个允许的是 {allowed}。"
        "经理、大区经理、总监或销售运营可凭 reason_code 放行。"
    )


class FieldsMissing(Refusal):
    code = "fields_missing"
    en = "The stage requires fields that are not known yet"
    zh = "进入该阶段所需的信息不完整"
    en_detail = "To enter {stage}, set first: {missing}."
    zh_detail = "进入阶段 {stage} 之前,请先填写:{missing}。"


class OpportunityClosed(Refusal):
    code = "opportunity_closed"
    en = "The opportunity is closed"
    zh = "商机已关闭"
    en_detail = (
        "It is {state}. A lost one can be reopened; a win or loss that was entered wrongly can be voided."
    )
    zh_detail = "商机状态为 {state}。丢单的商机可以重新打开;误录的成交或丢单可以作废。"


class OpportunityIsVoided(Refusal):
    code = "opportunity_voided"
    en = "The opportunity is voided"
    zh = "商机已作废"
    en_detail = "A voided opportunity stays as it is; open a new one instead."
    zh_detail = "已作废的商机不能再变更;请新建商机。"


class WonBeforeLastStage(Refusal):
    code = "won_before_last_stage"
    en = "The opportunity does not stand in the last stage"
    zh = "商机尚未到达最后阶段"
    en_detail = "It stands in {current}; the next allowed stage is {allowed}, and it can be won from {last}."
    zh_detail = "商机处于 {current};下一个允许的阶段是 {allowed},到达 {last} 后才能成交。"


class AmountMissing(Refusal):
    code = "amount_missing"
    status = 422
    en = "A win needs its amount"
    zh = "成交必须有金额"
    en_detail = "The opportunity has no expected amount; give the signed amount."
    zh_detail = "商机没有预计金额;请填写签约金额。"


class ReasonOnlyForImports(Refusal):
    code = "reason_only_for_imports"
    status = 422
    en = "Only an import may leave the loss reason out"
    zh = "只有导入可以不填丢单原因"
    en_detail = "{asked} is for history without a reason; allowed are {allowed}."
    zh_detail = "{asked} 仅用于没有原因的历史数据;可选原因:{allowed}。"


class NotLost(Refusal):
    code = "not_lost"
    en = "Only a lost opportunity can be reopened"
    zh = "只有丢单的商机可以重新打开"
    en_detail = "It is {state}; allowed state: lost."
    zh_detail = "商机状态为 {state};允许的状态:lost。"


class NothingToVoid(Refusal):
    code = "nothing_to_void"
    en = "There is nothing of this kind to void"
    zh = "没有可作废的对象"
    en_detail = "A {undone} was to be undone, but the opportunity is {state}."
    zh_detail = "要作废的是 {undone},但商机状态为 {state}。"


class UnknownPipeline(Refusal):
    code = "unknown_pipeline"
    status = 422
    en = "There is no such pipeline"
    zh = "没有该销售流程"
    en_detail = "There is no pipeline {asked}."
    zh_detail = "没有销售流程 {asked}。"


class StageTwice(Refusal):
    code = "stage_twice"
    status = 422
    en = "A stage stands twice in the pipeline"
    zh = "销售流程中阶段重复"
    en_detail = "The code {asked} is used twice; each stage needs its own."
    zh_detail = "阶段代码 {asked} 重复;每个阶段的代码必须唯一。"


class FieldNotRequirable(Refusal):
    code = "field_not_requirable"
    status = 422
    en = "A stage cannot require this field"
    zh = "阶段不能要求该字段"
    en_detail = "{asked} cannot be required; allowed are {allowed}."
    zh_detail = "不能要求字段 {asked};可要求的字段:{allowed}。"
