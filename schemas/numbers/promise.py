"""Whether what was promised was kept."""

from typing import Final

from schemas.number import Number

NUMBERS: Final = (
    Number(
        id="on_time_rate",
        title_vi="Tỷ lệ đúng hạn",
        title_en="On-time rate",
        formula_vi="Giải quyết trong hạn chia cho đã giải quyết.",
        formula_en="Completed in time divided by completed.",
        group="promise",
        unit="fraction",
        direction="more_is_better",
        numerator="completed_in_time",
        denominator="completed",
    ),
    Number(
        id="on_time_rate_strict",
        title_vi="Tỷ lệ đúng hạn (chặt)",
        title_en="On-time rate, strict",
        formula_vi="Giải quyết trong hạn chia cho (đã giải quyết + đang quá hạn).",
        formula_en="Completed in time divided by (completed + open overdue).",
        group="promise",
        unit="fraction",
        direction="more_is_better",
        numerator="completed_in_time",
        denominator="judged",
    ),
    Number(
        id="judged",
        title_vi="Hồ sơ được xét",
        title_en="Judged cases",
        formula_vi="Đã giải quyết + đang quá hạn.",
        formula_en="Completed + open overdue.",
        group="promise",
        unit="cases",
    ),
    Number(
        id="late_first_promise",
        title_vi="Trễ so với lần hẹn đầu",
        title_en="Late against the first promise",
        formula_vi=(
            "Hồ sơ xử lý xong sau lần hẹn trả đầu tiên; lần hẹn này chỉ dời theo thời gian tạm dừng, "
            "không theo phiếu xin lỗi hay hẹn lại."
        ),
        formula_en=(
            "Cases completed after the first promise, which suspensions move and new dates or apologies "
            "do not."
        ),
        group="promise",
        unit="cases",
        direction="less_is_better",
    ),
    Number(
        id="late_first_promise_rate",
        title_vi="Tỷ lệ trễ so với lần hẹn đầu",
        title_en="Share late against the first promise",
        formula_vi="Trễ so với lần hẹn đầu chia cho đã giải quyết.",
        formula_en="Late against the first promise divided by completed.",
        group="promise",
        unit="fraction",
        direction="less_is_better",
        numerator="late_first_promise",
        denominator="completed",
    ),
)
