"""Why cases are late."""

from typing import Final

from schemas.number import Number

NUMBERS: Final = (
    Number(
        id="late_or_overdue",
        title_vi="Trễ hạn tất cả",
        title_en="Late and overdue",
        formula_vi="Giải quyết quá hạn + đang quá hạn.",
        formula_en="Completed late + open overdue.",
        group="causes",
        unit="cases",
        direction="less_is_better",
    ),
    Number(
        id="late_by_cause",
        title_vi="Trễ hạn theo nguyên nhân",
        title_en="Late by cause",
        formula_vi="Hồ sơ trễ hạn theo nguyên nhân được nêu sau cùng.",
        formula_en="Late and overdue cases by the cause that was named last.",
        group="causes",
        unit="cases",
        direction="less_is_better",
    ),
    Number(
        id="late_without_cause",
        title_vi="Trễ hạn không rõ nguyên nhân",
        title_en="Late without a cause",
        formula_vi="Hồ sơ trễ hạn không nêu nguyên nhân.",
        formula_en="Late and overdue cases for which no cause was named.",
        group="causes",
        unit="cases",
        direction="less_is_better",
    ),
    Number(
        id="late_without_cause_share",
        title_vi="Tỷ lệ trễ hạn không rõ nguyên nhân",
        title_en="Share late without a cause",
        formula_vi="Trễ hạn không rõ nguyên nhân chia cho trễ hạn tất cả.",
        formula_en="Late without a cause divided by late and overdue.",
        group="causes",
        unit="fraction",
        direction="less_is_better",
        numerator="late_without_cause",
        denominator="late_or_overdue",
    ),
)
