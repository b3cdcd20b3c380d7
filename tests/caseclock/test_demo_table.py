"""What the demo shows: every number that a leader asks for, in both languages, at any width."""

import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from caseclock.demo.figures import Figures, Lagging, Why
from caseclock.demo.look import what_to_look_at
from caseclock.demo.screen import LineScreen, TerminalScreen
from caseclock.demo.table import Pulse, city_line, page
from caseclock.demo.words import CAUSES, days, percent
from schemas import events

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
PULSE = Pulse(NOON, 87_412, 2.96, "http://127.0.0.1:8080")


def lagging(place: int, overdue: int, why: Why | None) -> Lagging:
    name = f"UBND phường Số {place}"
    oldest = NOON - timedelta(days=20 + place)
    return Lagging(
        f"H26.DEMO.{place:05}", name, f"Ward {place}", 40, overdue, 28_800 * 4, 131, 0.916, oldest, why
    )


def figures(units: int = 10, **changed: Any) -> Figures:
    city = {
        "open": 1_484,
        "in_time": 961,
        "due_soon": 292,
        "overdue": 113,
        "suspended": 104,
        "no_deadline": 14,
        "awaiting": 272,
        "awaiting_overdue": 5,
        "completed": 13_967,
        "on_time_rate": 0.962,
        "on_time_rate_strict": 0.955,
        "processing_p50_s": 14_400,
        "processing_p90_s": 175_680,
    } | changed
    causes = [Why("absence", 12, 15), None, *(Why(cause, 2, 5) for cause in events.CAUSES)]
    shown = tuple(lagging(place + 1, 30 - place, causes[place]) for place in range(units))
    return Figures(city, shown, {"not_json": 200, "bad_id": 88}, 0.3)


def printed(what: Figures, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None, legacy_windows=False)
    console.print(page(what, PULSE, width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 124, 170, 240])
def test_everything_a_leader_asks_for_is_on_the_page_at_any_width(width: int) -> None:
    text = printed(figures(), width)

    for number in (
        "1 484",
        "961",
        "292",
        "113",
        "104",
        "272",
        "96,2 %",
        "95,5 %",
        "13 967",
        "14 080",
        "0,5",
        "6,1",
    ):
        assert number in text
    assert all(f"UBND phường Số {place}" in text for place in range(1, 11))
    assert all(len(line) <= width for line in text.splitlines())
    for vietnamese, english in (
        ("Quá hạn", "Overdue"),
        ("Tạm dừng", "Suspended"),
        ("Cần chú ý", "What to look at"),
    ):
        assert text.index(vietnamese) < text.index(english)
    assert "không phải số liệu thật" in text
    assert "thiếu cán bộ" in text


def test_the_numbers_of_the_machine_are_there_too() -> None:
    text = printed(figures(), 124)

    assert "3,0 sự kiện/giây" in text
    assert "số liệu cách đây 0,3 giây" in text
    assert "288 bản ghi không đọc được" in text
    assert "288 dead letters" in text


def test_two_sentences_say_what_to_look_at_in_both_languages() -> None:
    vietnamese, english = (what_to_look_at(figures(), language) for language in ("vi", "en"))

    assert vietnamese == (
        "UBND phường Số 1: 30 hồ sơ quá hạn, chậm nhất 4,0 ngày làm việc, thường do thiếu cán bộ "
        "(12 trong 15 hồ sơ trễ có nêu lý do). 3 đơn vị đầu bảng giữ 77,0 % số hồ sơ quá hạn; "
        "sắp đến hạn: 292, chờ tiếp nhận quá lâu: 5."
    )
    assert english == (
        "Ward 1: 30 overdue, the worst by 4.0 working days, most often because of staff absent "
        "(12 of 15 late cases that name a cause). The first 3 of the list hold 77.0 % of all overdue cases; "
        "due soon: 292, waiting too long to be received: 5."
    )


def test_a_city_without_delay_is_told_as_such() -> None:
    told = figures(units=0, overdue=0, on_time_rate=None, on_time_rate_strict=None, processing_p50_s=None)

    assert what_to_look_at(told, "vi").startswith("Không hồ sơ nào quá hạn")
    assert what_to_look_at(told, "en").startswith("No case is overdue")
    assert "–  n = 13 967" in printed(told, 100)


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(events.CAUSES)


def test_numbers_are_written_in_the_readers_way() -> None:
    assert (percent(0.9751), percent(0.9751, "en"), percent(None)) == ("97,5 %", "97.5 %", "–")
    assert (days(28_800), days(43_200, "en"), days(None)) == ("1,0", "1.5", "–")


def test_without_a_terminal_the_table_stands_first_and_last_and_lines_are_whole() -> None:
    file = io.StringIO()
    with LineScreen(Console(width=124, file=file, color_system=None)) as screen:
        screen.show(figures(), PULSE)
        screen.show(figures(overdue=114), PULSE)

    text = file.getvalue()
    assert text.count("CASECLOCK") == 2
    assert text.rindex("114") > text.rindex("CASECLOCK")
    assert "\n" not in city_line(figures())
    assert "Quá hạn / overdue 113" in city_line(figures())


@pytest.mark.parametrize(("height", "fewest", "most"), [(24, 3, 3), (34, 3, 8), (60, 10, 10)])
def test_on_a_terminal_as_many_units_are_shown_as_fit_and_all_at_the_end(
    height: int, fewest: int, most: int
) -> None:
    file = io.StringIO()
    console = Console(width=100, height=height, file=file, force_terminal=True, color_system=None)
    with TerminalScreen(console) as screen:
        screen.show(figures(), PULSE)
        before = file.getvalue()

    shown = sum(f"UBND phường Số {place} " in before for place in range(1, 11))
    assert fewest <= shown <= most
    assert all(f"UBND phường Số {place} " in file.getvalue() for place in range(1, 11))
