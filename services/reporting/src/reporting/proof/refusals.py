"""What a report of a contradiction is refused with."""

from typing import ClassVar

from contracts.refusal import Refusal
from runtime.problems import ProtocolRefusal


class FigureNeeded(Refusal):
    code = "figure_needed"
    status = 422
    en = "Name the figure that is contradicted"
    zh = "请指定存在矛盾的数据"
    en_detail = "Name either an opportunity (`opportunity_id`), or a figure: `metric`, a period, and a unit or person."
    zh_detail = "请指定商机(opportunity_id),或一项数据:指标(metric)、期间,以及单位或人员。"


class TablesReplaced(ProtocolRefusal):
    code = "tables_replaced"
    status = 503
    en = "The reports are being made anew"
    zh = "报表正在重建"
    en_detail = "A rebuild put other tables in place while the figure was told anew. Repeat the request."
    zh_detail = "核对期间报表已被重建替换。请重试。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}
