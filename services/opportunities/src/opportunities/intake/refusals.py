"""What an import refuses."""

from contracts.refusal import Refusal


class HistoryFixed(Refusal):
    code = "history_fixed"
    en = "What was imported as history does not change"
    zh = "已导入的历史不能修改"
    en_detail = (
        "{field} differs from the row that was imported before; send it as it was, or leave it out where you may. "
        "A wrong win, loss or opportunity is voided, and recorded as it was."
    )
    zh_detail = (
        "{field} 与之前导入的行不同;请保持原值,可省略时也可不填。"
        "有误的成交、丢单或商机请先作废,再按实际情况重新记录。"
    )
