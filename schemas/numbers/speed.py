"""How long cases take."""

from typing import Final

from schemas.number import Number

NUMBERS: Final = (
    Number(
        id="processing_mean_s",
        title_vi="Thời gian giải quyết trung bình",
        title_en="Mean processing time",
        formula_vi=(
            "Trung bình thời gian làm việc từ tiếp nhận đến xử lý xong, trừ thời gian tạm dừng và thời "
            "gian giữa kết thúc và mở lại."
        ),
        formula_en=(
            "Mean working time from receipt to completion, less suspensions and the gaps before "
            "reopenings, of completed cases."
        ),
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
        numerator="processing_sum_s",
        denominator="completed",
    ),
    Number(
        id="processing_sum_s",
        title_vi="Tổng thời gian giải quyết",
        title_en="Total processing time",
        formula_vi="Tổng thời gian giải quyết của hồ sơ đã giải quyết.",
        formula_en="Sum of the processing times of the completed cases.",
        group="speed",
        unit="working_seconds",
    ),
    Number(
        id="processing_p50_s",
        title_vi="Thời gian giải quyết trung vị",
        title_en="Median processing time",
        formula_vi="Giá trị thứ ⌊0,5·(n−1)⌋ của các thời gian giải quyết đã sắp xếp.",
        formula_en="The value at index ⌊0.5·(n−1)⌋ of the sorted processing times.",
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
    ),
    Number(
        id="processing_p90_s",
        title_vi="Thời gian giải quyết, 90 %",
        title_en="Processing time, 90 %",
        formula_vi="Giá trị thứ ⌊0,9·(n−1)⌋ của các thời gian giải quyết đã sắp xếp.",
        formula_en="The value at index ⌊0.9·(n−1)⌋ of the sorted processing times.",
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
    ),
    Number(
        id="clock_mean_s",
        title_vi="Thời gian thực trung bình",
        title_en="Mean clock time",
        formula_vi=(
            "Trung bình thời gian theo đồng hồ từ tiếp nhận đến xử lý xong, gồm cả ngày nghỉ và tạm dừng."
        ),
        formula_en="Mean clock time from receipt to completion, days off and suspensions included.",
        group="speed",
        unit="seconds",
        direction="less_is_better",
        numerator="clock_sum_s",
        denominator="completed",
    ),
    Number(
        id="clock_sum_s",
        title_vi="Tổng thời gian thực",
        title_en="Total clock time",
        formula_vi="Tổng thời gian theo đồng hồ của hồ sơ đã giải quyết.",
        formula_en="Sum of the clock times of the completed cases.",
        group="speed",
        unit="seconds",
    ),
    Number(
        id="clock_p50_s",
        title_vi="Thời gian thực trung vị",
        title_en="Median clock time",
        formula_vi="Giá trị thứ ⌊0,5·(n−1)⌋ của các thời gian thực đã sắp xếp.",
        formula_en="The value at index ⌊0.5·(n−1)⌋ of the sorted clock times.",
        group="speed",
        unit="seconds",
        direction="less_is_better",
    ),
    Number(
        id="clock_p90_s",
        title_vi="Thời gian thực, 90 %",
        title_en="Clock time, 90 %",
        formula_vi="Giá trị thứ ⌊0,9·(n−1)⌋ của các thời gian thực đã sắp xếp.",
        formula_en="The value at index ⌊0.9·(n−1)⌋ of the sorted clock times.",
        group="speed",
        unit="seconds",
        direction="less_is_better",
    ),
    Number(
        id="open_age_p50_s",
        title_vi="Tuổi hồ sơ tồn trung vị",
        title_en="Median age of open cases",
        formula_vi="Giá trị thứ ⌊0,5·(n−1)⌋ của thời gian làm việc đã qua của hồ sơ đang giải quyết.",
        formula_en="The value at index ⌊0.5·(n−1)⌋ of the sorted elapsed working times of open cases.",
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
    ),
    Number(
        id="open_age_p90_s",
        title_vi="Tuổi hồ sơ tồn, 90 %",
        title_en="Age of open cases, 90 %",
        formula_vi="Giá trị thứ ⌊0,9·(n−1)⌋ của thời gian làm việc đã qua của hồ sơ đang giải quyết.",
        formula_en="The value at index ⌊0.9·(n−1)⌋ of the sorted elapsed working times of open cases.",
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
    ),
    Number(
        id="holding_p50_s",
        title_vi="Thời gian giữ hồ sơ trung vị",
        title_en="Median holding time",
        formula_vi=(
            "Trung vị thời gian làm việc (trừ tạm dừng) hồ sơ ở một đơn vị và bước, tính vào kỳ mà lần "
            "giữ kết thúc."
        ),
        formula_en=(
            "Median working time, less suspensions, of the stays at a unit and step that ended in the period."
        ),
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
    ),
    Number(
        id="holding_p90_s",
        title_vi="Thời gian giữ hồ sơ, 90 %",
        title_en="Holding time, 90 %",
        formula_vi="Giá trị thứ ⌊0,9·(n−1)⌋ của thời gian giữ hồ sơ đã sắp xếp.",
        formula_en="The value at index ⌊0.9·(n−1)⌋ of the sorted holding times.",
        group="speed",
        unit="working_seconds",
        direction="less_is_better",
    ),
    Number(
        id="handovers",
        title_vi="Số lần chuyển",
        title_en="Hand-overs",
        formula_vi="Số lần hồ sơ đổi đơn vị xử lý giữa lúc tiếp nhận và kết thúc.",
        formula_en="Changes of the holding unit between receipt and end.",
        group="speed",
        unit="hand_overs",
    ),
    Number(
        id="sent_back_and_forth",
        title_vi="Hồ sơ bị chuyển qua lại",
        title_en="Sent back and forth",
        formula_vi="Hồ sơ được chuyển về đơn vị đã từng giữ nó.",
        formula_en="Cases handed to a unit that had held them before.",
        group="speed",
        unit="cases",
        direction="less_is_better",
    ),
)
