"""What is refused about webhooks."""

from contracts.refusal import Refusal


class EventTypeNotOffered(Refusal):
    code = "event_type_not_offered"
    status = 422
    en = "Webhooks are not told of this event"
    zh = "回调不提供该事件类型"
    en_detail = "{asked} cannot be subscribed to; choose from {allowed}."
    zh_detail = "不能订阅 {asked};可选:{allowed}。"


class WebhookAddressInsecure(Refusal):
    code = "webhook_address_insecure"
    status = 422
    en = "A webhook needs an https address"
    zh = "回调地址必须是 https"
    en_detail = (
        "The address begins with {scheme}://; give one that begins with https://, without user or password."
    )
    zh_detail = "该地址以 {scheme}:// 开头;请提供以 https:// 开头且不含用户名和密码的地址。"


class WebhookAddressNotPublic(Refusal):
    code = "webhook_address_not_public"
    status = 422
    en = "The webhook's address is not on the public internet"
    zh = "回调地址不在公网"
    en_detail = "{host} is private, local or reserved; give a host that everybody reaches."
    zh_detail = "{host} 是私有、本机或保留地址;请提供公网可达的主机。"


class WebhookInactive(Refusal):
    code = "webhook_inactive"
    en = "The webhook is not active"
    zh = "回调未启用"
    en_detail = "Nothing is sent to it until it is active again; PATCH it with `active: true` first."
    zh_detail = "重新启用之前不会向其发送任何内容;请先 PATCH `active: true`。"
