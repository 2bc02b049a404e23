"""What the calendar refuses."""

from contracts import Refusal


class PeriodCodeTaken(Refusal):
    code = "period_code_taken"
    en = "The period exists already"
    zh = "期间已存在"
    en_detail = "There is a period {period} from {starts_on} to {ends_on}; periods are not overwritten."
    zh_detail = "期间 {period} 已存在({starts_on} 至 {ends_on});期间不可覆盖。"


class PeriodCodeReserved(Refusal):
    code = "period_code_reserved"
    status = 422
    en = "The code belongs to a generated period"
    zh = "该代码保留给自动生成的期间"
    en_detail = (
        "{period} reads like a generated year, half, quarter, month or week; choose another, like {example}."
    )
    zh_detail = "{period} 与自动生成的年、半年、季度、月或周代码相同;请换一个,例如 {example}。"


class PeriodEmpty(Refusal):
    code = "period_empty"
    status = 422
    en = "The period ends before it begins"
    zh = "期间的结束早于开始"
    en_detail = "The period starts on {starts_on}; `ends_on` is the first day after it and must lie later."
    zh_detail = "期间开始于 {starts_on};ends_on 是期间结束后的第一天,必须晚于开始日。"


class WorkingTimeUnknown(Refusal):
    code = "working_time_unknown"
    status = 409
    en = "The working days of a year are not set"
    zh = "该年度的工作日尚未设定"
    en_detail = "Set the working time of {years} first."
    zh_detail = "请先设定 {years} 年的工作日。"


class ReportingCurrencyRated(Refusal):
    code = "reporting_currency_rated"
    status = 422
    en = "The reporting currency has no rate"
    zh = "报告币种没有汇率"
    en_detail = "{currency} is the reporting currency; rates value other currencies in it."
    zh_detail = "{currency} 是报告币种;汇率用于将其他币种折算为它。"


class DaysOutsideYear(Refusal):
    code = "days_outside_year"
    status = 422
    en = "A day lies outside the year"
    zh = "日期不在该年度内"
    en_detail = "{days} do not lie in {year}."
    zh_detail = "{days} 不在 {year} 年内。"
