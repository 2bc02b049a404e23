"""Validation errors of pydantic as entries of a problem, in both languages, with what would be allowed."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic_core import PydanticCustomError, to_jsonable_python

from contracts.refusal import Language
from runtime.language import spoken
from runtime.problems.model import FieldProblem, Place

ALLOWED = {
    "ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "expected", "expected_tags",
    "max_digits", "decimal_places", "whole_digits", "tz_expected", "expected_schemes",
}  # fmt: skip

CHINESE = {
    "missing": "缺少必填项",
    "extra_forbidden": "不接受该字段",
    "none_required": "必须为空",
    "string_type": "必须是字符串",
    "string_unicode": "必须是有效的 Unicode 字符串",
    "string_too_short": "至少需要 {min_length} 个字符",
    "string_too_long": "最多允许 {max_length} 个字符",
    "string_pattern_mismatch": "必须符合格式 {pattern}",
    "int_type": "必须是整数",
    "int_parsing": "必须是整数",
    "int_from_float": "必须是没有小数部分的整数",
    "float_type": "必须是数字",
    "float_parsing": "必须是数字",
    "finite_number": "必须是有限的数字",
    "decimal_type": "必须是十进制数",
    "decimal_parsing": "必须是十进制数",
    "decimal_max_digits": "最多允许 {max_digits} 位数字",
    "decimal_max_places": "最多允许 {decimal_places} 位小数",
    "decimal_whole_digits": "小数点前最多允许 {whole_digits} 位数字",
    "bool_type": "必须是 true 或 false",
    "bool_parsing": "必须是 true 或 false",
    "date_type": "必须是日期(YYYY-MM-DD)",
    "date_parsing": "必须是日期(YYYY-MM-DD)",
    "date_from_datetime_parsing": "必须是日期(YYYY-MM-DD)",
    "date_from_datetime_inexact": "必须是不带时间的日期(YYYY-MM-DD)",
    "datetime_type": "必须是 RFC 3339 时间,例如 2026-01-31T09:00:00Z",
    "datetime_parsing": "必须是 RFC 3339 时间,例如 2026-01-31T09:00:00Z",
    "datetime_from_date_parsing": "必须是 RFC 3339 时间,例如 2026-01-31T09:00:00Z",
    "timezone_aware": "时间必须带时区",
    "time_type": "必须是时间(HH:MM)",
    "time_parsing": "必须是时间(HH:MM)",
    "uuid_type": "必须是 UUID",
    "uuid_parsing": "必须是 UUID",
    "uuid_version": "必须是版本 {expected_version} 的 UUID",
    "enum": "必须是以下之一:{expected}",
    "literal_error": "必须是以下之一:{expected}",
    "greater_than": "必须大于 {gt}",
    "greater_than_equal": "必须大于或等于 {ge}",
    "less_than": "必须小于 {lt}",
    "less_than_equal": "必须小于或等于 {le}",
    "multiple_of": "必须是 {multiple_of} 的倍数",
    "list_type": "必须是数组",
    "frozen_set_type": "必须是数组",
    "set_type": "必须是数组",
    "dict_type": "必须是对象",
    "model_type": "必须是对象",
    "model_attributes_type": "必须是对象",
    "too_short": "至少需要 {min_length} 项",
    "too_long": "最多允许 {max_length} 项",
    "union_tag_invalid": "{discriminator} 必须是以下之一:{expected_tags}",
    "union_tag_not_found": "缺少用于区分类型的字段 {discriminator}",
    "url_parsing": "必须是有效的 URL",
    "url_scheme": "URL 协议必须是:{expected_schemes}",
}
"""What the rule codes of pydantic say in Chinese; a code that is not here is shown with its English text."""


def broken_rule(code: str, *, en: str, zh: str, **allowed: Any) -> PydanticCustomError:
    """An error for a validator of a request model to raise: `raise broken_rule("days_reversed", en=…, zh=…)`."""
    return PydanticCustomError(code, en, {"zh": zh, **allowed})  # type: ignore[arg-type, unused-ignore]


def field_problems(
    errors: Sequence[Mapping[str, Any]], *, place: Place | None = None, language: Language | None = None
) -> list[FieldProblem]:
    """One entry for each error of pydantic. `place` says where all stood when the locations do not begin with it.

    The value itself is never repeated: it may be personal.
    """
    return [_field_problem(error, place, language or spoken()) for error in errors]


def _field_problem(error: Mapping[str, Any], place: Place | None, language: Language) -> FieldProblem:
    location, context = tuple(error["loc"]), dict(error.get("ctx", {}))
    if place is None:
        found, *rest = location or ("body",)
        place, location = (found, tuple(rest)) if found in get_args(Place) else ("body", location)
    allowed = {name: value for name, value in context.items() if name in ALLOWED}
    return FieldProblem(
        place=place,
        pointer=pointer(location),
        code=error["type"],
        detail=_detail(error, context, language),
        allowed=to_jsonable_python(allowed, fallback=str) or None,
    )


def _detail(error: Mapping[str, Any], context: dict[str, Any], language: Language) -> str:
    english = str(error["msg"]).removeprefix("Value error, ")
    if language == "en":
        return english
    template = context.get("zh") or CHINESE.get(error["type"])
    return template.format(**context) if template else f"值无效:{english}"


def pointer(location: Sequence[str | int]) -> str:
    """A JSON Pointer (RFC 6901) to a value; the empty string points to the whole."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)
