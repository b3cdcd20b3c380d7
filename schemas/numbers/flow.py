"""What came in, what went out, by the time of the event, of cases with a receipt."""

from typing import Final

from schemas.number import Number

NUMBERS: Final = (
    Number(
        id="carried_over",
        title_vi="Kỳ trước chuyển qua",
        title_en="Carried over",
        formula_vi="Hồ sơ đang giải quyết tại đơn vị khi kỳ bắt đầu.",
        formula_en="Cases open at the unit when the period began.",
        group="flow",
        unit="cases",
    ),
    Number(
        id="received",
        title_vi="Tiếp nhận",
        title_en="Received",
        formula_vi="Hồ sơ được tiếp nhận trong kỳ, tính cho đơn vị tiếp nhận.",
        formula_en="Cases received in the period, counted at the receiving unit.",
        group="flow",
        unit="cases",
    ),
    Number(
        id="reopened",
        title_vi="Mở lại",
        title_en="Reopened",
        formula_vi="Số lần hồ sơ đã kết thúc được mở lại.",
        formula_en="Times that an ended case was taken up again.",
        group="flow",
        unit="cases",
        direction="less_is_better",
    ),
    Number(
        id="transferred_in",
        title_vi="Chuyển đến",
        title_en="Transferred in",
        formula_vi="Hồ sơ chuyển đến từ đơn vị khác giữa lúc tiếp nhận và kết thúc.",
        formula_en="Hand-overs from another unit to this one, between receipt and end.",
        group="flow",
        unit="hand_overs",
    ),
    Number(
        id="transferred_out",
        title_vi="Chuyển đi",
        title_en="Transferred out",
        formula_vi="Hồ sơ chuyển sang đơn vị khác giữa lúc tiếp nhận và kết thúc.",
        formula_en="Hand-overs from this unit to another, between receipt and end.",
        group="flow",
        unit="hand_overs",
    ),
    Number(
        id="completed",
        title_vi="Đã giải quyết",
        title_en="Completed",
        formula_vi=(
            "Trước hạn + đúng hạn + quá hạn: hồ sơ xử lý xong, hoặc đã trả kết quả mà trước đó không "
            "ghi xử lý xong."
        ),
        formula_en=(
            "Early + on time + late: cases whose processing ended, or that were delivered with no "
            "completion before."
        ),
        group="flow",
        unit="cases",
    ),
    Number(
        id="completed_early",
        title_vi="Giải quyết trước hạn",
        title_en="Completed early",
        formula_vi="Hồ sơ xử lý xong vào ngày sớm hơn ngày hẹn trả (chỉ khi so sánh theo ngày).",
        formula_en="Cases completed on an earlier local date than the due one (date precision only).",
        group="flow",
        unit="cases",
        direction="more_is_better",
    ),
    Number(
        id="completed_on_time",
        title_vi="Giải quyết đúng hạn",
        title_en="Completed on time",
        formula_vi=(
            "Hồ sơ xử lý xong không muộn hơn hạn và không tính là trước hạn; hồ sơ không có hạn cũng "
            "tính vào đây."
        ),
        formula_en=(
            "Cases completed not after the effective due and not early; those without a due time count here."
        ),
        group="flow",
        unit="cases",
        direction="more_is_better",
    ),
    Number(
        id="completed_late",
        title_vi="Giải quyết quá hạn",
        title_en="Completed late",
        formula_vi="Hồ sơ xử lý xong sau hạn.",
        formula_en="Cases completed after the effective due.",
        group="flow",
        unit="cases",
        direction="less_is_better",
    ),
    Number(
        id="completed_in_time",
        title_vi="Giải quyết trong hạn",
        title_en="Completed in time",
        formula_vi="Trước hạn + đúng hạn.",
        formula_en="Early + on time.",
        group="flow",
        unit="cases",
        direction="more_is_better",
    ),
    Number(
        id="withdrawn",
        title_vi="Công dân rút",
        title_en="Withdrawn",
        formula_vi="Hồ sơ do công dân rút.",
        formula_en="Cases ended by the citizen.",
        group="flow",
        unit="cases",
    ),
    Number(
        id="declined",
        title_vi="Không tiếp nhận, trả lại",
        title_en="Declined",
        formula_vi="Hồ sơ bị trả lại sau khi tiếp nhận.",
        formula_en="Cases given back after their receipt.",
        group="flow",
        unit="cases",
    ),
    Number(
        id="stopped",
        title_vi="Dừng xử lý",
        title_en="Stopped",
        formula_vi="Hồ sơ do cơ quan dừng; bằng 0 khi bộ quy tắc coi dừng là tạm dừng.",
        formula_en="Cases ended by the office; 0 where the profile takes a stop for a pause.",
        group="flow",
        unit="cases",
    ),
    Number(
        id="flow_gap",
        title_vi="Chênh lệch cân đối",
        title_en="Balance gap",
        formula_vi=(
            "Kỳ trước chuyển qua + tiếp nhận + mở lại + chuyển đến − giải quyết − rút − trả lại − dừng "
            "− chuyển đi − đang giải quyết; luôn phải bằng 0."
        ),
        formula_en=(
            "Carried over + received + reopened + transferred in − completed − withdrawn − declined − "
            "stopped − transferred out − open; must always be 0."
        ),
        group="flow",
        unit="cases",
        direction="less_is_better",
    ),
)
