"""The steps from a receipt to its due time in words, Vietnamese and English.

A step is a code and its parameters; codes are the keys of `SENTENCES`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final

from schemas.moment import EPOCH_DAY, SECOND_US, to_datetime
from streams.worktime_days import Language
from streams.worktime_zone import LocalDays

Step = tuple[str, Mapping[str, int | str]]
"""A code, and what its sentence needs: a moment ``at`` (µs), a ``day`` (from 1970-01-01), a ``clock`` (µs
from midnight), counts, names."""

SENTENCES: Final[dict[str, dict[Language, str]]] = {
    "received": {"vi": "Tiếp nhận lúc {at}.", "en": "Received at {at}."},
    "outside_hours": {
        "vi": "Ngoài giờ làm việc: tính từ giờ mở cửa kế tiếp.",
        "en": "Outside opening hours: counts from the next opening.",
    },
    "after_cutoff": {
        "vi": "Sau giờ chốt nhận {clock}: tính từ đầu ngày làm việc kế tiếp.",
        "en": "After the cutoff at {clock}: counts from the opening of the next working day.",
    },
    "counts_from": {"vi": "Tính từ {at}.", "en": "Counts from {at}."},
    "allotted": {"vi": "Thời hạn giải quyết: {amount} {unit}.", "en": "Allotted time: {amount} {unit}."},
    "day_off": {"vi": "Không tính {day}: {why}.", "en": "Not counted: {day}, {why}."},
    "worked": {"vi": "Có làm việc {day}: {why}.", "en": "Worked: {day}, {why}."},
    "weekly_off": {
        "vi": "Không tính {days} ngày nghỉ hằng tuần.",
        "en": "Not counted: weekly days off ({days}).",
    },
    "month_clamped": {
        "vi": "Tháng đến hạn không có ngày ấy: lấy ngày cuối tháng, {day}.",
        "en": "The month has no such day: its last day counts, {day}.",
    },
    "ends_on_day_off": {
        "vi": "Hết hạn vào ngày nghỉ, {day}: chuyển sang ngày làm việc kế tiếp.",
        "en": "Ends on a day off, {day}: moves to the next working day.",
    },
    "next_working_day": {"vi": "Ngày làm việc kế tiếp: {day}.", "en": "The next working day: {day}."},
    "time_moved": {
        "vi": "{clock} không trong giờ làm việc của ngày {day}: chuyển vào giờ làm việc.",
        "en": "{clock} is outside the hours of {day}: moved into them.",
    },
    "due": {"vi": "Hẹn trả lúc {at}.", "en": "Due at {at}."},
}

UNITS: Final[dict[str, dict[Language, str]]] = {
    "working_hour": {"vi": "giờ làm việc", "en": "working hours"},
    "working_day": {"vi": "ngày làm việc", "en": "working days"},
    "calendar_day": {"vi": "ngày", "en": "calendar days"},
    "month": {"vi": "tháng", "en": "months"},
}

_DATE: Final[dict[Language, str]] = {"vi": "%d/%m/%Y", "en": "%Y-%m-%d"}


def render(step: Step, days: LocalDays, language: Language = "vi") -> str:
    """Say one step as a sentence, its moments in the zone of ``days``."""
    code, params = step
    said = {name: _say(name, value, days, language) for name, value in params.items()}
    if params.get("amount") == 1:
        said["unit"] = said["unit"].removesuffix("s")  # no word of our Vietnamese ends in s
    return SENTENCES[code][language].format_map(said)


def _say(name: str, value: int | str, days: LocalDays, language: Language) -> str:
    if isinstance(value, str):
        return UNITS[value][language] if name == "unit" else value
    if name == "at":
        moment = to_datetime(value, days.zone)
        return f"{_time(moment.time())} {_date(moment, language)}"
    if name == "day":
        return _date(date.fromordinal(value + EPOCH_DAY), language)
    if name == "clock":
        minutes, second = divmod(value // SECOND_US, 60)
        return _time(time(minutes // 60, minutes % 60, second))
    return str(value)


def _time(at: time) -> str:
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")


def _date(day: date | datetime, language: Language) -> str:
    return day.strftime(_DATE[language])
