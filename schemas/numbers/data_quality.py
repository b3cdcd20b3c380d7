"""How far the events can be trusted."""

from typing import Final

from schemas.number import Number

NUMBERS: Final = (
    Number(
        id="anomalies",
        title_vi="Bất thường dữ liệu",
        title_en="Anomalies",
        formula_vi=(
            "Số sự kiện không khớp, cộng một cho mỗi hồ sơ chưa từng được tiếp nhận hoặc có đơn vị, thủ "
            "tục lạ; tính cho đơn vị đang giữ."
        ),
        formula_en=(
            "Events that do not fit, and one per case never received or with an unknown unit or "
            "procedure; counted at the holder."
        ),
        group="data_quality",
        unit="events",
        direction="less_is_better",
    ),
    Number(
        id="dead_letters",
        title_vi="Bản ghi không đọc được",
        title_en="Dead letters",
        formula_vi="Bản ghi không đọc được, theo lý do.",
        formula_en="Records that could not be read, by reason.",
        group="data_quality",
        unit="records",
        direction="less_is_better",
    ),
    Number(
        id="source_silence_s",
        title_vi="Thời gian im lặng của nguồn",
        title_en="Silence of a source",
        formula_vi="Số giây từ sự kiện gần nhất của nguồn.",
        formula_en="Seconds since the last event of a source.",
        group="data_quality",
        unit="seconds",
        direction="less_is_better",
    ),
)
