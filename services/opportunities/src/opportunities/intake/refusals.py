"""What an import refuses."""

from contracts.refusal import Refusal


class HistoryFixed(Refusal):
    code = "history_fixed"
    en = "What was imported as history does not change"
    zh = "已导入的历史不能修改"
    en_detail = (
        "{field} differs from the row that was imported before. "
        "Void the win, the loss or the opportunity, and record it as it was."
    )
    zh_detail = "{field} 与之前导入的行不同。请作废该成交、丢单或商机,再按实际情况重新记录。"
