"""What incidents refuse."""

from contracts.refusal import Refusal


class IncidentResolvedAlready(Refusal):
    code = "incident_resolved"
    en = "The incident is resolved"
    zh = "预警事件已解决"
    en_detail = "Nothing more is to be done; the next episode raises an incident of its own."
    zh_detail = "无需再处理;再次发生时会产生新的预警事件。"


class IncidentAcknowledgedAlready(Refusal):
    code = "incident_acknowledged"
    en = "Somebody has taken the incident up already"
    zh = "预警事件已被确认"
    en_detail = "It may be assigned to another, snoozed, or resolved."
    zh_detail = "可以转派、暂缓或解决。"


class SnoozeNotAhead(Refusal):
    code = "snooze_not_ahead"
    status = 422
    en = "An incident can only wait for a time to come"
    zh = "暂缓时间必须在未来"
    en_detail = "until is {asked}; allowed: later than now, at the latest {latest}."
    zh_detail = "until 为 {asked};须晚于当前时间,最晚 {latest}。"


class AssigneeUnchanged(Refusal):
    code = "assignee_unchanged"
    en = "The person has the incident already"
    zh = "该人员已负责此预警事件"
    en_detail = "{assignee} is to act on it; choose somebody else."
    zh_detail = "{assignee} 已是处理人;请选择其他人员。"


class StepCompletedAlready(Refusal):
    code = "step_completed"
    en = "The step is done already"
    zh = "该步骤已完成"
    en_detail = "{step} was completed at {completed_at}; go on with the next."
    zh_detail = "{step} 已于 {completed_at} 完成;请进行下一步。"


class StepNotNext(Refusal):
    code = "step_not_next"
    en = "Another step comes first"
    zh = "须先完成前面的步骤"
    en_detail = "Complete {next} before {step}."
    zh_detail = "请先完成 {next},再完成 {step}。"


class StepsOpen(Refusal):
    code = "steps_open"
    en = "The response flow is not done"
    zh = "响应流程尚未完成"
    en_detail = "Complete these steps first: {steps}."
    zh_detail = "请先完成以下步骤:{steps}。"
