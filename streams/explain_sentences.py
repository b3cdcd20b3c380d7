"""The sentences of an explanation, by the code of a fact, and the words for codes in it: Vietnamese, English."""

from __future__ import annotations

from typing import Final

Both = tuple[str, str]

SENTENCES: Final[dict[str, Both]] = {
    "registered": (
        "Nộp tại {unit}; chỉ đồng hồ tiếp nhận chạy.",
        "Handed in at {unit}; only the reception clock runs.",
    ),
    "status": ("Trạng thái: {status}.", "Status: {status}."),
    "column": ("Tính vào: {column}.", "Counts in: {column}."),
    "unit": ("Đơn vị xử lý: {unit}.", "Held by: {unit}."),
    "handed_over": ("Chuyển từ {origin} sang {unit}.", "Handed over from {origin} to {unit}."),
    "inherited_overdue": ("Đã quá hạn khi chuyển.", "It was overdue when it was handed over."),
    "step": ("Bước: {step}.", "Step: {step}."),
    "step_cleared": ("Không còn ở bước nào.", "It is at no step any more."),
    "officer": ("Người xử lý: {officer}.", "Officer: {officer}."),
    "reception_limit": (
        "Phải tiếp nhận hoặc từ chối chậm nhất {due_at}: {limit_us} tính từ giờ mở cửa kế tiếp.",
        "To be received or declined by {due_at}: {limit_us} from the next opening.",
    ),
    "reception_in_time": ("Tiếp nhận trong hạn (hạn {due_at}).", "The reception was in time (by {due_at})."),
    "reception_late": ("Tiếp nhận trễ hạn (hạn {due_at}).", "The reception was late (due {due_at})."),
    "reception_open": ("Chờ tiếp nhận, hạn {due_at}.", "Waits to be received, by {due_at}."),
    "reception_passed": ("Hạn tiếp nhận {due_at} đã qua.", "The reception limit {due_at} has passed."),
    "legal": (
        "Hạn theo thời hạn của thủ tục {procedure}: {due_at}.",
        "Due by the allotted time of the procedure {procedure}: {due_at}.",
    ),
    "no_procedure": (
        "Thủ tục {procedure} không có phiên bản nào trong danh sách có hiệu lực: không có hạn theo quy định.",
        "The list has no version of the procedure {procedure} in force: no due time by its rule.",
    ),
    "no_allotted": (
        "Thủ tục {procedure} không có thời hạn giải quyết: không có hạn theo quy định.",
        "The procedure {procedure} has no allotted time: no due time by its rule.",
    ),
    "legal_beyond": (
        "Hạn theo thủ tục {procedure} nằm sau ngày cuối của lịch: không tính được.",
        "The due time by the procedure {procedure} lies beyond the calendar: it cannot be found.",
    ),
    "no_due_yet": ("Chưa có hẹn trả: không có hạn.", "No promise and no allotted time: no deadline."),
    "no_due_by_profile": (
        "Không có hẹn trả, và theo bộ quy tắc này thời hạn của thủ tục không thay thế: không có hạn.",
        "No promise, and by this profile the allotted time does not stand in for one: no deadline.",
    ),
    "first_explicit": (
        "Hẹn trả lần đầu, ghi trong sự kiện: {due_at}.",
        "First promise, given in the event: {due_at}.",
    ),
    "first_allotted": (
        "Hẹn trả lần đầu, theo thời hạn của thủ tục: {due_at}.",
        "First promise, from the allotted time: {due_at}.",
    ),
    "new_explicit": (
        "Hẹn trả mới, ghi trong sự kiện: {due_at}.",
        "New promise, given in the event: {due_at}.",
    ),
    "until_day_end": (
        "So theo ngày: đúng hạn đến hết ngày {day}.",
        "Dates are compared: in time to the end of {day}.",
    ),
    "until_moment": (
        "So theo thời điểm: đúng hạn đến {effective_at}.",
        "Moments are compared: in time to {effective_at}.",
    ),
    "kept_late": (
        "Đã quá hạn khi đồng hồ đứng: hạn tính giữ nguyên là thời điểm {effective_at}, trễ đúng như cũ.",
        "It was late when the clock stopped, and goes on exactly as late: effective due the instant {effective_at}.",
    ),
    "moved": (
        "Hạn dời từ {from_at} đến {to_at}: {by_us} mà đồng hồ đứng.",
        "The due moved from {from_at} to {to_at}: by the {by_us} the clock stood still.",
    ),
    "moved_since": (
        "Chỉ tính từ {at}, lúc hẹn lại trong khi đồng hồ đứng.",
        "Only from {at} on, when it was promised while the clock stood still.",
    ),
    "not_moved": (
        "Hạn giữ nguyên {due_at}: đồng hồ không đứng trong giờ làm việc nào.",
        "The due stays {due_at}: the clock stood still through no working time.",
    ),
    "kept_beyond": (
        "Hạn giữ nguyên {due_at}: ngày mới nằm sau ngày cuối của lịch.",
        "The due stays {due_at}: the new one would lie beyond the calendar.",
    ),
    "more_days_off": ("Và {n} ngày nghỉ khác.", "And {n} more days off."),
    "first_moved": (
        "Hẹn trả lần đầu, để so sánh, dời từ {from_at} đến {to_at}.",
        "The first promise, kept for comparison, moved from {from_at} to {to_at}.",
    ),
    "stands": ("Đồng hồ dừng; lý do: {reason}.", "The clock stops; reason: {reason}."),
    "waiting_on": ("Chờ đơn vị {unit}.", "Waiting for {unit}."),
    "supplement": ("Yêu cầu bổ sung lần {n}.", "A supplement is asked for, time {n}."),
    "late_by_supplements": (
        "Yêu cầu bổ sung từ hai lần: theo bộ quy tắc này là quá hạn, bất kể ngày.",
        "A supplement was asked for more than once: late by this profile, whatever the dates.",
    ),
    "stood": ("Đồng hồ đã đứng {stood_us}.", "The clock stood still for {stood_us}."),
    "gap": ("Từ lúc kết thúc đến lúc mở lại: {gap_us}.", "From the end to the reopening: {gap_us}."),
    "end_waits": (
        "Kết thúc trước khi tiếp nhận: được giữ đến khi có tiếp nhận.",
        "An end before the receipt: kept until there is one.",
    ),
    "delivery_waits": (
        "Trả kết quả trước khi tiếp nhận: được giữ đến khi có tiếp nhận.",
        "A delivery before the receipt: kept until there is one.",
    ),
    "had_ended": ("Đã kết thúc từ {ended_at}.", "It had ended at {ended_at} already."),
    "ended": ("Kết thúc sau {elapsed_us}.", "Ended after {elapsed_us}."),
    "ended_at": ("Kết thúc lúc {ended_at}.", "Ended at {ended_at}."),
    "judged": ("Kết quả: {timeliness}.", "Judged: {timeliness}."),
    "not_judged": ("Không tính đúng hạn hay quá hạn.", "Neither on time nor late."),
    "no_deadline": ("Không có hạn trả.", "No deadline."),
    "consulted": (
        "Xin ý kiến {unit}; đồng hồ hồ sơ không đổi.",
        "{unit} is asked; the case's clock goes on.",
    ),
    "answered": ("Đơn vị được hỏi đã trả lời.", "The asked unit answered."),
    "rated": ("Ghi nhận đánh giá.", "A rating is noted."),
    "amended": (
        "Giá trị này tính cho cả hồ sơ, từ đầu.",
        "Its values count for the whole case, from its beginning.",
    ),
    "anomaly": ("Bất thường {anomaly}", "Anomaly {anomaly}"),
    "anomaly_count": ("Bất thường (×{n}) {anomaly}", "Anomaly (×{n}) {anomaly}"),
    "soon": ("Còn không quá {soon_us} đến hạn.", "At most {soon_us} are left."),
    "passed": ("Hạn tính {effective_at} đã qua.", "The effective due {effective_at} has passed."),
    "waits": ("Chờ đến lúc có hiệu lực.", "Takes effect when its time has come."),
    "repeated": (
        "Đã nhận nội dung này rồi: không đổi gì.",
        "The same content is there already: nothing changes.",
    ),
    "not_chosen": ("Cùng mã {id}, nội dung khác được chọn.", "Another content under the id {id} was chosen."),
    "was_voided": ("Bị hủy bởi {by}: coi như chưa từng có.", "Voided by {by}: as if it had never been."),
    "voids": ("Hủy sự kiện {target}.", "Voids the event {target}."),
    "way_back": (
        "Hồ sơ đã kết thúc: đường về quầy, không đổi gì.",
        "The case has ended: the way back to the counter, nothing changes.",
    ),
    "nothing_to_deliver": (
        "Hồ sơ đã kết thúc cách khác hoặc đã trả: không đổi gì.",
        "It ended otherwise, or was delivered before: nothing changes.",
    ),
    "nothing_changed": ("Không đổi gì.", "Nothing changes."),
    "no_event_left": (
        "Không còn sự kiện nào: hồ sơ không có dòng nào.",
        "No event is left: the case has no row.",
    ),
    "elapsed": ("Thời gian giải quyết: {elapsed_us}.", "Elapsed: {elapsed_us}."),
    "suspended": ("Tạm dừng: {suspended_us}.", "Suspended: {suspended_us}."),
    "reopened_gap": (
        "Từ kết thúc đến mở lại: {reopened_gap_us}.",
        "Between end and reopening: {reopened_gap_us}.",
    ),
    "late": ("Trễ: {late_us}.", "Late by: {late_us}."),
    "due": ("Hẹn trả: {due_at}.", "Due: {due_at}."),
    "first_promise": ("Hẹn trả lần đầu: {first_due_at}.", "First promise: {first_due_at}."),
    "first_promise_now": ("Hẹn trả lần đầu sau khi dời: {at}.", "The first promise, moved: {at}."),
    "late_first_promise": ("Trễ so với hẹn trả lần đầu.", "Late against the first promise."),
    "legal_due": ("Hạn theo quy định: {legal_due_at}.", "Legal due: {legal_due_at}."),
    "next_change": (
        "Thay đổi kế tiếp, nếu không có sự kiện mới: {at}.",
        "The next change, if no event comes: {at}.",
    ),
    "calendar_ends": ("Lịch chỉ biết đến {at}.", "The calendar is known up to {at}."),
    "rules": (
        "Lịch {calendar} ({zone}), bộ quy tắc {profile}.",
        "Calendar {calendar} ({zone}), profile {profile}.",
    ),
}
"""By the code of a fact: Vietnamese, English."""

CODES: Final[dict[str, dict[str, Both]]] = {
    "status": {
        "registered": ("chờ tiếp nhận", "waiting to be received"),
        "processing": ("đang giải quyết, đồng hồ chạy", "in process, the clock runs"),
        "suspended": ("tạm dừng, đồng hồ đứng", "suspended, the clock stands still"),
        "completed": ("đã giải quyết", "completed"),
        "delivered": ("đã trả kết quả", "delivered"),
        "declined": ("không tiếp nhận", "declined"),
        "withdrawn": ("công dân rút", "withdrawn"),
        "stopped": ("dừng xử lý", "stopped"),
    },
    "timeliness": {
        "early": ("trước hạn", "early"),
        "on_time": ("đúng hạn", "on time"),
        "late": ("quá hạn", "late"),
    },
    "reason": {
        "supplement": ("chờ bổ sung hồ sơ", "waiting for a supplement"),
        "payment": ("chờ nộp phí", "waiting for a payment"),
        "other_agency": ("chờ cơ quan khác", "waiting for another agency"),
        "other": ("khác", "other"),
    },
    "fate": {
        "applied": ("", ""),
        "no_effect": (" – không có hiệu lực", " – no effect"),
        "voided": (" – đã hủy", " – voided"),
        "voids": ("", ""),
        "conflicting": (" – trùng mã", " – conflicting"),
        "repeated": (" – trùng lặp", " – repeated"),
        "waiting": (" – chưa đến lúc", " – not yet"),
    },
    "span": {
        "runs": ("chạy", "runs"),
        "suspended": ("đứng (tạm dừng)", "stands (suspended)"),
        "gap": ("đứng (giữa kết thúc và mở lại)", "stands (between end and reopening)"),
    },
}
"""What a code is called where a parameter of this name, a step or a span has it."""
