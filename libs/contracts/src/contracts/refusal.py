"""A refusal: what a service says when it will not do what was asked, in both languages."""

from typing import ClassVar, Literal

Language = Literal["en", "zh-CN"]


class Refusal(Exception):
    """Base of every refusal. A subclass is the sentence; its parameters fill the templates of the detail.

    `code` never changes once published; `status` is the HTTP status; `pointer` is the JSON Pointer of the
    field that broke the rule, where there is one.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 409
    en: ClassVar[str]
    zh: ClassVar[str]
    en_detail: ClassVar[str]
    zh_detail: ClassVar[str]

    def __init__(self, *, pointer: str | None = None, **params: object) -> None:
        self.pointer = pointer
        self.params = params
        super().__init__(self.detail("en"))

    @classmethod
    def title(cls, language: Language) -> str:
        """The sentence of the class."""
        return cls.zh if language == "zh-CN" else cls.en

    def detail(self, language: Language) -> str:
        """What was wrong here and what would be allowed."""
        return (self.zh_detail if language == "zh-CN" else self.en_detail).format(**self.params)

    @staticmethod
    def all() -> list[type["Refusal"]]:
        """Every refusal that was imported, by code: the published code list."""
        found: dict[str, type[Refusal]] = {}
        pending = Refusal.__subclasses__()
        while pending:
            cls = pending.pop()
            pending.extend(cls.__subclasses__())
            if "code" in vars(cls):
                found[cls.code] = cls
        return [found[code] for code in sorted(found)]


class NotFound(Refusal):
    """The record does not exist, or its asker may not see it: the two are not told apart."""

    code = "not_found"
    status = 404
    en = "Not found"
    zh = "未找到"
    en_detail = "There is no {what} {id} that you may see."
    zh_detail = "没有您可以查看的 {what} {id}。"


class Forbidden(Refusal):
    code = "forbidden"
    status = 403
    en = "Your role does not allow this"
    zh = "您的角色无权执行此操作"
    en_detail = "The role {role} may not do this; allowed: {allowed}."
    zh_detail = "角色 {role} 无权执行;允许的角色:{allowed}。"


class StaleVersion(Refusal):
    code = "stale_version"
    status = 412
    en = "The record has changed since you read it"
    zh = "记录在您读取之后已被修改"
    en_detail = (
        "If-Match names version {asked}, the record stands at {current}. Read it again and repeat the change."
    )
    zh_detail = "If-Match 指定的版本是 {asked},记录当前版本是 {current}。请重新读取后再修改。"


class OccurredInFuture(Refusal):
    code = "occurred_in_future"
    status = 422
    en = "The fact lies in the future"
    zh = "事实发生时间在未来"
    en_detail = "occurred_at is {asked}; at most 5 minutes after now ({latest}) are allowed."
    zh_detail = "occurred_at 为 {asked};最多允许晚于当前时间 5 分钟({latest})。"


class OccurredBeforeLast(Refusal):
    code = "occurred_before_last"
    status = 422
    en = "The fact lies before the record's last one"
    zh = "事实早于该记录的上一个事实"
    en_detail = (
        "occurred_at is {asked}; the record's last fact occurred at {last}, "
        "and its facts never go back in time."
    )
    zh_detail = "occurred_at 为 {asked};该记录的上一个事实发生于 {last},事实的时间不能倒退。"


class OccurredTooLongAgo(Refusal):
    code = "occurred_too_long_ago"
    status = 422
    en = "The fact lies too far back"
    zh = "事实发生时间过早"
    en_detail = (
        "occurred_at is {asked}; more than 7 days back only operations or an import may record "
        "(earliest: {earliest})."
    )
    zh_detail = "occurred_at 为 {asked};早于 7 天的事实只能由销售运营或导入记录(最早:{earliest})。"
