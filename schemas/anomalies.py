"""What may not fit in the events of a case: named, counted as data quality, never a reason to drop a case.

One is counted per event that does not fit; one per case of `never_received`, `unknown_unit` and
`unknown_procedure` (domain.md §3).
"""

from enum import StrEnum
from typing import Final


class Anomaly(StrEnum):
    """The kinds of anomalies, by the names that `cases.csv` shows."""

    CONFLICTING_ID = "conflicting_id"
    VOID_UNKNOWN = "void_unknown"
    BACKDATED = "backdated"
    NEVER_RECEIVED = "never_received"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_PROCEDURE = "unknown_procedure"
    BEFORE_RECEIVED = "before_received"
    ENDED_BEFORE_RECEIVED = "ended_before_received"
    AFTER_END = "after_end"
    RECEIVED_TWICE = "received_twice"
    SUSPENDED_TWICE = "suspended_twice"
    RESUMED_WHILE_RUNNING = "resumed_while_running"
    PROMISE_BEYOND_LEGAL = "promise_beyond_legal"
    BEYOND_CALENDAR = "beyond_calendar"
    REGISTERED_TWICE = "registered_twice"
    REGISTERED_AFTER_RECEIVED = "registered_after_received"
    CONSULTED_TWICE = "consulted_twice"
    ANSWERED_WITHOUT_CONSULTATION = "answered_without_consultation"


ONCE_PER_CASE: Final = frozenset({Anomaly.NEVER_RECEIVED, Anomaly.UNKNOWN_UNIT, Anomaly.UNKNOWN_PROCEDURE})
"""Counted once per case, however many events show them."""

SENTENCES: Final[dict[Anomaly, tuple[str, str]]] = {
    Anomaly.CONFLICTING_ID: (
        "Hai sự kiện khác nhau mang cùng một mã.",
        "Two different events have one id; one of them was chosen by a fixed rule.",
    ),
    Anomaly.VOID_UNKNOWN: (
        "Hủy một sự kiện không có trong hồ sơ.",
        "An event is voided that the case does not have.",
    ),
    Anomaly.BACKDATED: (
        "Sự kiện được nhập sau thời hạn mà nó làm cho đúng hạn.",
        "An event was entered after a due moment that it cures.",
    ),
    Anomaly.NEVER_RECEIVED: (
        "Hồ sơ đã được xử lý nhưng chưa từng được tiếp nhận.",
        "The case was worked on, but no receipt was ever reported.",
    ),
    Anomaly.UNKNOWN_UNIT: (
        "Đơn vị không có trong danh sách đơn vị.",
        "A unit of the case is not in the list of units.",
    ),
    Anomaly.UNKNOWN_PROCEDURE: (
        "Thủ tục không có trong danh sách thủ tục.",
        "The procedure of the case is not in the list of procedures.",
    ),
    Anomaly.BEFORE_RECEIVED: (
        "Sự kiện xảy ra trước khi tiếp nhận nên không có hiệu lực.",
        "An event came before the receipt and had no effect.",
    ),
    Anomaly.ENDED_BEFORE_RECEIVED: (
        "Hồ sơ kết thúc trước khi được tiếp nhận.",
        "The case ended before it was received.",
    ),
    Anomaly.AFTER_END: (
        "Sự kiện xảy ra sau khi hồ sơ kết thúc nên không có hiệu lực.",
        "An event came after the end of the case and had no effect.",
    ),
    Anomaly.RECEIVED_TWICE: (
        "Hồ sơ được tiếp nhận hai lần; lần đầu được tính.",
        "The case was received twice; the first receipt counts.",
    ),
    Anomaly.SUSPENDED_TWICE: (
        "Hồ sơ bị tạm dừng khi đang tạm dừng; lần đầu được tính.",
        "The case was suspended while suspended; the first moment counts.",
    ),
    Anomaly.RESUMED_WHILE_RUNNING: (
        "Hồ sơ được tiếp tục khi không tạm dừng.",
        "The case was resumed while its clock was running.",
    ),
    Anomaly.PROMISE_BEYOND_LEGAL: (
        "Ngày hẹn trả đầu tiên muộn hơn thời hạn theo quy định.",
        "The first promise is later than the time that the law allots.",
    ),
    Anomaly.BEYOND_CALENDAR: (
        "Cần thời gian làm việc sau ngày cuối của lịch; hạn cũ được giữ.",
        "Working time after the last day of the calendar was needed; the last due time was kept.",
    ),
    Anomaly.REGISTERED_TWICE: (
        "Hồ sơ được nộp hai lần; lần đầu được tính.",
        "The case was registered twice; the first registration counts.",
    ),
    Anomaly.REGISTERED_AFTER_RECEIVED: (
        "Hồ sơ được ghi là nộp sau khi đã tiếp nhận.",
        "The case was registered after it had been received.",
    ),
    Anomaly.CONSULTED_TWICE: (
        "Một yêu cầu xin ý kiến được gửi hai lần; lần đầu được tính.",
        "One consultation was asked for twice; the first request counts.",
    ),
    Anomaly.ANSWERED_WITHOUT_CONSULTATION: (
        "Có trả lời ý kiến nhưng không có yêu cầu.",
        "An answer was given to a consultation that was never asked for.",
    ),
}
"""One sentence per kind: Vietnamese, English."""
