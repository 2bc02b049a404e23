"""What the frame around every service refuses: requests that no rule of the business ever sees."""

from typing import ClassVar

from contracts.refusal import Refusal


class ProtocolRefusal(Refusal):
    """A refusal that may carry headers; `**params` fill the templates of the headers too."""

    headers: ClassVar[dict[str, str]] = {}

    def header_lines(self) -> dict[str, str]:
        """The headers of the answer."""
        return {name: value.format(**self.params) for name, value in self.headers.items()}


class RequestInvalid(ProtocolRefusal):
    code = "request_invalid"
    status = 422
    en = "The request is not valid"
    zh = "请求无效"
    en_detail = "{count} value(s) break a rule; see `errors`."
    zh_detail = "有 {count} 个值不符合规则,详见 errors。"


class MalformedJson(ProtocolRefusal):
    code = "malformed_json"
    status = 400
    en = "The body is no JSON"
    zh = "请求体不是有效的 JSON"
    en_detail = (
        "Reading stopped at character {position}. Send UTF-8 JSON with `Content-Type: application/json`."
    )
    zh_detail = (
        "在第 {position} 个字符处解析失败。请以 UTF-8 编码发送 JSON,并设置 Content-Type: application/json。"
    )


class RequestRejected(ProtocolRefusal):
    code = "request_rejected"
    status = 400
    en = "The request cannot be served"
    zh = "无法处理该请求"
    en_detail = "The HTTP layer refused it: {reason}."
    zh_detail = "HTTP 层拒绝了该请求:{reason}。"


class Unauthenticated(ProtocolRefusal):
    code = "unauthenticated"
    status = 401
    en = "A valid token is needed"
    zh = "需要有效的令牌"
    en_detail = "{reason} Send `Authorization: Bearer <token>`."
    zh_detail = "令牌缺失或无效({reason})。请发送 Authorization: Bearer <令牌>。"
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class RouteUnknown(ProtocolRefusal):
    code = "route_unknown"
    status = 404
    en = "There is no such address"
    zh = "地址不存在"
    en_detail = "{path} is no address of this service; /openapi.json lists them."
    zh_detail = "本服务没有地址 {path};全部地址见 /openapi.json。"


class MethodNotAllowed(ProtocolRefusal):
    code = "method_not_allowed"
    status = 405
    en = "The address does not take this method"
    zh = "该地址不支持此方法"
    en_detail = "{method} is not allowed here; allowed: {allowed}."
    zh_detail = "此处不允许 {method};允许的方法:{allowed}。"
    headers: ClassVar[dict[str, str]] = {"Allow": "{allowed}"}


class BodyTooLarge(ProtocolRefusal):
    code = "body_too_large"
    status = 413
    en = "The body is too large"
    zh = "请求体过大"
    en_detail = "At most 32 MiB are taken at once; send the rows in several requests."
    zh_detail = "单次最多接受 32 MiB;请分多次发送。"


class IfMatchRequired(ProtocolRefusal):
    code = "if_match_required"
    status = 428
    en = "If-Match is required"
    zh = "缺少 If-Match"
    en_detail = "Read the record and send its ETag as If-Match, so that no other change is overwritten."
    zh_detail = "请先读取记录,并将其 ETag 作为 If-Match 发送,以免覆盖他人的修改。"


class IdempotencyKeyReused(ProtocolRefusal):
    code = "idempotency_key_reused"
    status = 422
    en = "The Idempotency-Key belongs to another request"
    zh = "该 Idempotency-Key 属于另一个请求"
    en_detail = "A key stands for one method, address and body. Take a new key for a new request."
    zh_detail = "一个键只对应一个方法、地址和请求体。新的请求请使用新的键。"


class IdempotencyKeyBusy(ProtocolRefusal):
    code = "idempotency_key_busy"
    status = 409
    en = "The same request is still running"
    zh = "相同的请求仍在处理中"
    en_detail = "Repeat it with the same Idempotency-Key after a moment to receive its answer."
    zh_detail = "请稍后使用相同的 Idempotency-Key 重试,以获得结果。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class IdempotencyKeyMalformed(ProtocolRefusal):
    code = "idempotency_key_malformed"
    status = 400
    en = "The Idempotency-Key is malformed"
    zh = "Idempotency-Key 格式错误"
    en_detail = "1 to {longest} visible ASCII characters are allowed, a UUID for example."
    zh_detail = "允许 1 到 {longest} 个可见 ASCII 字符,例如 UUID。"


class CursorMismatch(ProtocolRefusal):
    code = "cursor_mismatch"
    status = 400
    en = "The cursor belongs to another list"
    zh = "游标属于另一个列表"
    en_detail = "Filter or sort order changed since the cursor was made. Start again without a cursor."
    zh_detail = "生成游标之后,筛选条件或排序已改变。请不带游标重新开始。"


class CursorMalformed(ProtocolRefusal):
    code = "cursor_malformed"
    status = 400
    en = "The cursor is malformed"
    zh = "游标格式错误"
    en_detail = "A cursor is taken unchanged from `next` of the page before."
    zh_detail = "游标应原样取自上一页的 next。"


class ParameterUnknown(ProtocolRefusal):
    code = "parameter_unknown"
    status = 422
    en = "The address does not take this parameter"
    zh = "该地址不支持此参数"
    en_detail = "{asked} is no query parameter here; allowed: {allowed}."
    zh_detail = "此处没有查询参数 {asked};允许:{allowed}。"


class SortUnknown(ProtocolRefusal):
    code = "sort_unknown"
    status = 422
    en = "The list cannot be sorted by this"
    zh = "列表不能按此字段排序"
    en_detail = "{asked} is no sort field; allowed: {allowed}, each with `-` before it for descending."
    zh_detail = "{asked} 不是可排序字段;允许:{allowed},降序请在前面加 -。"


class WrittenMeanwhile(ProtocolRefusal):
    code = "written_meanwhile"
    status = 409
    en = "Another request wrote the same record"
    zh = "另一个请求写入了同一记录"
    en_detail = (
        "The unique rule {rule} is taken. Read the record and repeat the request if it is still wanted."
    )
    zh_detail = "唯一性规则 {rule} 已被占用。请读取该记录,如仍需要请重试。"


class TemporarilyUnavailable(ProtocolRefusal):
    code = "temporarily_unavailable"
    status = 503
    en = "The service cannot answer just now"
    zh = "服务暂时无法响应"
    en_detail = "Repeat the request after a moment; under the same Idempotency-Key no work is done twice."
    zh_detail = "请稍后重试;使用相同的 Idempotency-Key 不会重复执行。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class StorageFull(ProtocolRefusal):
    code = "storage_full"
    status = 503
    en = "There is no room to write"
    zh = "存储空间已满,无法写入"
    en_detail = (
        "Nothing was written, and nothing can be until room is made; reading goes on. Repeat the request later; "
        "under the same Idempotency-Key no work is done twice."
    )
    zh_detail = "未写入任何内容;腾出空间之前无法写入,读取不受影响。请稍后重试;使用相同的 Idempotency-Key 不会重复执行。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "30"}


class Overloaded(ProtocolRefusal):
    code = "overloaded"
    status = 503
    en = "The service has as many requests as it can work on"
    zh = "请求过多,服务暂时无法接受新请求"
    en_detail = "Nothing was done. Repeat the request after a moment, and send fewer at once."
    zh_detail = "本次请求未被处理。请稍后重试,并减少同时发送的请求数。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class InternalError(ProtocolRefusal):
    code = "internal_error"
    status = 500
    en = "The service made an error"
    zh = "服务内部错误"
    en_detail = "It was logged under the trace id of this answer."
    zh_detail = "错误已按本响应的 trace_id 记录。"
