"""The sentences of an explanation, each in Vietnamese and English; times in the zone of the case's calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from schemas.columns import FLOWS
from schemas.registry import REGISTRY
from streams.case import Case
from streams.worktime import WorkingTime

Both = tuple[str, str]

_STATUS: Final[dict[str, Both]] = {
    "registered": ("chờ tiếp nhận", "waiting to be received"),
    "processing": ("đang giải quyết, đồng hồ chạy", "in process, the clock runs"),
    "suspended": ("tạm dừng, đồng hồ đứng", "suspended, the clock stands still"),
    "completed": ("đã giải quyết", "completed"),
    "delivered": ("đã trả kết quả", "delivered"),
    "declined": ("không tiếp nhận, trả lại", "declined"),
    "withdrawn": ("công dân rút", "withdrawn"),
    "stopped": ("dừng xử lý", "stopped"),
}
_TIMELINESS: Final[dict[str, Both]] = {
    "early": ("trước hạn", "early"),
    "on_time": ("đúng hạn", "on time"),
    "late": ("quá hạn", "late"),
    "": ("", ""),
}
_DAY_US: Final = 8 * 3_600_000_000


def duration(us: int) -> Both:
    """Working time as hours and minutes, and in working days of eight hours.

    >>> duration(9 * 3_600_000_000)
    ('9:00 giờ (1,1 ngày làm việc)', '9:00 h (1.1 working days)')
    """
    minutes = (us + 30_000_000) // 60_000_000
    clock, days = f"{minutes // 60}:{minutes % 60:02}", f"{us / _DAY_US:.1f}"
    return f"{clock} giờ ({days.replace('.', ',')} ngày làm việc)", f"{clock} h ({days} working days)"


class Words:
    """Sentences about a case that runs by a calendar."""

    def __init__(self, calendar: WorkingTime) -> None:
        self._zone = calendar.zone

    def moment(self, us: int) -> str:
        """A moment as people write it: 05/03/2026 17:00."""
        return datetime.fromtimestamp(us / 1e6, self._zone).strftime("%d/%m/%Y %H:%M:%S").removesuffix(":00")

    def status(self, status: str) -> Both:
        """The status."""
        vi, en = _STATUS[status]
        return f"Trạng thái: {vi}.", f"Status: {en}."

    def column(self, column: int) -> Both:
        """The column in which the case counts; empty when in none."""
        if column < 0:
            return "", ""
        number = REGISTRY[FLOWS[column]]
        return f"Tính vào cột: {number.title_vi}.", f"Counts in: {number.title_en}."

    def unit(self, unit: str) -> Both:
        """Who holds it."""
        return f"Đơn vị xử lý: {unit}.", f"Held by: {unit}."

    def step(self, step: str) -> Both:
        """At which step."""
        return f"Bước: {step}.", f"Step: {step}."

    def officer(self, officer: str) -> Both:
        """Who has it in the unit: an opaque reference."""
        return f"Người xử lý: {officer}.", f"Officer: {officer}."

    def reception_due(self, due: int) -> Both:
        """The reception limit."""
        return f"Phải tiếp nhận trước {self.moment(due)}.", f"To be received by {self.moment(due)}."

    def reception_ended(self, at: int, due: int) -> Both:
        """Received or refused in time, or not."""
        if at > due:
            return "Tiếp nhận trễ hạn tiếp nhận.", "The reception limit had passed."
        return "Tiếp nhận trong hạn tiếp nhận.", "Within the reception limit."

    def legal_due(self, due: int) -> Both:
        """The allotted time from the receipt."""
        return f"Hạn theo quy định: {self.moment(due)}.", f"Due by the allotted time: {self.moment(due)}."

    def promised(self, due: int, *, first: bool) -> Both:
        """A promise is made."""
        vi, en = ("Hẹn trả lần đầu", "First promise") if first else ("Hẹn trả mới", "New promise")
        return f"{vi}: {self.moment(due)}.", f"{en}: {self.moment(due)}."

    def moved(self, before: int, after: int) -> Both:
        """A due date moved by the time the clock stood still."""
        was, now = self.moment(before), self.moment(after)
        return (
            f"Hạn dời từ {was} đến {now}, bằng thời gian làm việc mà đồng hồ đứng.",
            f"The due moved from {was} to {now}, by the working time the clock stood still.",
        )

    def effective(self, due: int, effective: int, *, dates_only: bool, late: bool) -> Both:
        """The last moment in time, and why it is that."""
        last = self.moment(effective)
        if late:
            return (
                f"Đã quá hạn khi đồng hồ dừng, nên vẫn trễ như cũ: hạn tính {last}.",
                f"It was late when the clock stopped, so it goes on exactly as late: effective due {last}.",
            )
        if dates_only and effective != due:
            return f"So theo ngày: đúng hạn đến hết ngày, {last}.", f"Dates are compared: in time to {last}."
        return f"So theo thời điểm: đúng hạn đến {last}.", f"Moments are compared: in time to {last}."

    def due_now(self, due: int, effective: int) -> Both:
        """The due date as it stands."""
        return (
            f"Hẹn trả {self.moment(due)}, đúng hạn đến {self.moment(effective)}.",
            f"Due {self.moment(due)}, in time to {self.moment(effective)}.",
        )

    def first_promise(self, due: int, *, late: bool) -> Both:
        """The first promise, and whether the end was late against it."""
        vi, en = (" (kết thúc trễ so với lần đầu)", " (ended late against it)") if late else ("", "")
        return f"Hẹn trả lần đầu: {self.moment(due)}{vi}.", f"First promise: {self.moment(due)}{en}."

    def next_change(self, at: int) -> Both:
        """When time alone changes something next."""
        return (
            f"Thay đổi kế tiếp do thời gian: {self.moment(at)}.",
            f"Time alone changes it next at {self.moment(at)}.",
        )

    def ended(self, case: Case) -> Both:
        """The end and how it was judged."""
        vi, en = _TIMELINESS[case.timeliness]
        elapsed_vi, elapsed_en = duration(case.elapsed_us)
        judged_vi, judged_en = (f", {vi}", f", {en}") if vi else ("", "")
        return f"Kết thúc sau {elapsed_vi}{judged_vi}.", f"Ended after {elapsed_en}{judged_en}."

    def beside(self, asked: int, answered: int, rated: int) -> list[Both]:
        """What leaves the clock alone."""
        told: list[Both] = []
        if asked:
            told.append(
                (
                    "Hỏi ý kiến đơn vị khác; đồng hồ hồ sơ không đổi.",
                    "Another unit is asked; the clock goes on.",
                )
            )
        if answered:
            told.append(("Đơn vị được hỏi đã trả lời.", "The asked unit answered."))
        if rated:
            told.append(("Ghi nhận đánh giá.", "A rating is noted."))
        return told

    def times(self, elapsed: int, suspended: int, gap: int, late: int) -> list[Both]:
        """The times of the case."""
        named = (
            (elapsed, "Thời gian giải quyết", "Elapsed", True),
            (suspended, "Tạm dừng", "Suspended", False),
            (gap, "Khoảng giữa kết thúc và mở lại", "Between end and reopening", False),
            (late, "Trễ", "Late by", False),
        )
        return [
            (f"{vi}: {duration(us)[0]}.", f"{en}: {duration(us)[1]}.")
            for us, vi, en, always in named
            if us or always
        ]

    def span(self, kind: str, began: int, until: int, working: int) -> Both:
        """A line of the ledger of the clock."""
        vi, en = {
            "runs": ("chạy", "runs"),
            "suspended": ("đứng (tạm dừng)", "stands (suspended)"),
            "ended": ("đứng (đã kết thúc)", "stands (ended)"),
        }[kind]
        between = f"{self.moment(began)} – {self.moment(until)}"
        return f"{between}: {vi}, {duration(working)[0]}", f"{between}: {en}, {duration(working)[1]}"
