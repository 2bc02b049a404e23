"""What is refused about the feed."""

from runtime.problems import ProtocolRefusal


class CursorGone(ProtocolRefusal):
    code = "cursor_gone"
    status = 410
    en = "The cursor is from before the database was restored"
    zh = "该游标生成于数据库恢复之前"
    en_detail = (
        "Read again from the oldest fact, without `after`, or with `from` a little before the restore. Compare what "
        "you have by `id`: facts that the restore undid do not come again, and others may have their numbers now."
    )
    zh_detail = (
        "请不带 after 从最早的事实重新读取,或用 from 从恢复之前不久开始。请按 id 核对已有事件:"
        "因恢复而撤销的事实不会再出现,其序号可能已属于其他事实。"
    )


class EventTypeUnknown(ProtocolRefusal):
    code = "event_type_unknown"
    status = 422
    en = "The service states no events of this type"
    zh = "本服务没有该类型的事件"
    en_detail = (
        "{asked} is neither a type nor the beginning of one up to a dot; the service states {allowed}."
    )
    zh_detail = "{asked} 既不是事件类型,也不是事件类型在某个点号之前的部分;本服务的类型:{allowed}。"
