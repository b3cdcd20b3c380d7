"""Who waits for whom."""

from typing import Final

from schemas.number import Number

NUMBERS: Final = (
    Number(
        id="consultations_open",
        title_vi="Ý kiến chưa trả lời",
        title_en="Open consultations",
        formula_vi="Yêu cầu ý kiến gửi đến đơn vị mà chưa trả lời.",
        formula_en="Consultations that the unit was asked for and has not answered.",
        group="coordination",
        unit="consultations",
    ),
    Number(
        id="consultations_overdue",
        title_vi="Ý kiến quá hạn",
        title_en="Overdue consultations",
        formula_vi="Yêu cầu ý kiến chưa trả lời và đã quá hạn, tính cho đơn vị được hỏi.",
        formula_en="Unanswered consultations past their due time, counted at the asked unit.",
        group="coordination",
        unit="consultations",
        direction="less_is_better",
    ),
    Number(
        id="consultations_answered",
        title_vi="Ý kiến đã trả lời",
        title_en="Answered consultations",
        formula_vi="Yêu cầu ý kiến mà đơn vị đã trả lời.",
        formula_en="Consultations that the unit has answered.",
        group="coordination",
        unit="consultations",
        direction="more_is_better",
    ),
    Number(
        id="consultations_answered_late",
        title_vi="Ý kiến trả lời muộn",
        title_en="Consultations answered late",
        formula_vi="Yêu cầu ý kiến được trả lời sau hạn.",
        formula_en="Consultations answered after their due time.",
        group="coordination",
        unit="consultations",
        direction="less_is_better",
    ),
    Number(
        id="waiting_on_others",
        title_vi="Đang chờ cơ quan khác",
        title_en="Waiting on other units",
        formula_vi="Hồ sơ tạm dừng để chờ cơ quan khác; chia theo đơn vị chờ và đơn vị được chờ.",
        formula_en="Cases suspended to wait for another unit, by who waits and who is waited for.",
        group="coordination",
        unit="cases",
    ),
    Number(
        id="inherited_overdue",
        title_vi="Nhận khi đã quá hạn",
        title_en="Inherited overdue",
        formula_vi="Hồ sơ quá hạn từ trước khi được chuyển đến đơn vị.",
        formula_en="Overdue cases that were overdue already when they were handed to the unit.",
        group="coordination",
        unit="cases",
    ),
)
