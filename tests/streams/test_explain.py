"""Every case explains itself, through the code that computes the numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from streams import ledger as ledgers
from streams.explain import Explanation, Span, explain
from streams.explain_sentences import SENTENCES
from streams.explain_words import Teller, duration
from streams.fold import fold
from streams.worktime_days import Language
from tests.city import RULES
from tests.oracle import histories, story
from tests.oracle.model import Event
from tests.streams.test_fold import packed, seen

LANGUAGES: tuple[Language, Language] = ("vi", "en")
SHOWN = (
    "status",
    "due_at",
    "effective_due_at",
    "first_due_at",
    "legal_due_at",
    "ended_at",
    "timeliness",
    "elapsed_us",
    "suspended_us",
    "reopened_gap_us",
    "late_us",
)
"""The names that numbers have both in an explanation's result and in what the tests see of a case."""


def explained(events: list[Event], now: int, profile: str = "one_stop") -> Explanation:
    return explain(ledgers.unpack(packed(events)), RULES[profile], now)


def told(events: list[Event], now: str, profile: str = "one_stop", language: Language = "en") -> list[str]:
    return list(Teller(explained(events, story.at(now), profile), language).lines("C1"))


def shown(explanation: Explanation) -> dict[str, object]:
    """The numbers that the result names, under the names that seen() has for them."""
    numbers: dict[str, object] = {"anomalies": [], "reception_due_at": None, "late_first_promise": False}
    anomalies: list[str] = []
    for code, params in explanation.result:
        if code == "anomaly_count":
            anomalies += [str(params["anomaly"])] * int(params["n"])
        elif code == "late_first_promise":
            numbers[code] = True
        elif code.startswith("reception_"):
            numbers["reception_due_at"] = params["due_at"]
        else:
            numbers |= {("effective_due_at" if n == "effective_at" else n): v for n, v in params.items()}
    return numbers | {"anomalies": anomalies}


def assert_explained(events: list[Event], now: int, profile: str) -> None:
    records = ledgers.unpack(packed(events))
    explanation = explain(records, RULES[profile], now)

    case = fold(records, RULES[profile], now)
    named = sorted(step.event_id for step in explanation.steps if step.event_id)
    assert named == sorted(record.event_id for record in records)
    for language in LANGUAGES:
        text = "\n".join(Teller(explanation, language).lines("C1"))
        assert all(f"[{event_id}]" in text for event_id in named)
    if explanation.case is None:
        assert case.is_empty
        return
    numbers, ours = seen(case, now), shown(explanation)
    assert seen(explanation.case, now) == numbers
    assert (explanation.case.flows, explanation.case.wake_at) == (case.flows, case.wake_at)
    names = ["anomalies", "reception_due_at", "late_first_promise", "status"]
    if case.received_at:
        names += SHOWN
    assert {name: ours.get(name) for name in names} == {name: numbers[name] for name in names}
    if case.received_at:
        assert_adds_up(explanation.spans, numbers)


def assert_adds_up(spans: list[Span], numbers: dict[str, object]) -> None:
    """The ledger of the clock gives the times of the case, without a hole in it."""
    for kind, name in (("runs", "elapsed_us"), ("suspended", "suspended_us"), ("gap", "reopened_gap_us")):
        assert sum(span.working_us for span in spans if span.kind == kind) == numbers[name], kind
    assert all(one.until == next_.began for one, next_ in pairwise(spans))


@pytest.mark.parametrize("profile", sorted(RULES))
def test_hundreds_of_random_histories_are_explained_with_the_numbers_of_the_fold(profile: str) -> None:
    for seed in range(250):
        events, now = histories.random_history(seed)
        try:
            assert_explained(events, now, profile)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


@given(histories.histories(), histories.profiles())
@settings(max_examples=60, deadline=None)
def test_no_history_is_too_odd_to_be_explained(history: tuple[list[Event], int], profile: str) -> None:
    events, now = history

    assert_explained(events, now, profile)


RARE = [
    story.received()
    .then("consulted", "2025-03-03 10:00")
    .then("answered", "2025-03-03 11:00")
    .then("suspended", "2025-03-04 09:00")
    .then("resumed", "2025-03-05 09:00")
    .then("suspended", "2025-03-05 10:00"),
    story.Story()
    .then("received", "2010-01-04 09:00")
    .then("suspended", "2010-01-05 09:00")
    # many a holiday later
    .then("rescheduled", "2010-01-06 09:00", due_at="2010-01-08 17:00")
    .then("resumed", "2018-01-08 09:00"),
]


def test_every_sentence_is_told_with_all_its_values_in_both_languages() -> None:
    used: set[str] = set()
    told_of = [(tale.events, story.at("2025-03-20 09:00")) for tale in RARE]
    told_of += [histories.random_history(seed) for seed in range(300)]
    for profile in RULES:
        for events, now in told_of:
            explanation = explained(events, now, profile)
            facts = [each for step in explanation.steps for each in step.facts] + explanation.result
            used |= {each.code for each in facts}
            for language in LANGUAGES:
                teller = Teller(explanation, language)
                assert all(sentence and "{" not in sentence for sentence in map(teller.sentence, facts))

    assert {code for code in used if not code.startswith("way.")} == SENTENCES.keys()


def test_a_due_says_whose_time_moved_it_and_from_when_on() -> None:
    tale = (
        story.received()
        .then("suspended", "2025-03-06 09:00")
        .then("rescheduled", "2025-03-07 09:00", due_at="2025-03-12 17:00")
        .then("resumed", "2025-03-10 09:00")
    )

    lines = told(tale.events, "2025-03-10 10:00")

    at = lines.index("  2025-03-10 09:00  Resumed (resumed) [e4]")
    by = "by the 8:00 h (1.0 working days) the clock stood still."
    assert lines[at + 2 : at + 7] == [
        "      The clock stood still for 16:00 h (2.0 working days).",
        f"      The due moved from 17:00 2025-03-12 to 17:00 2025-03-13: {by}",
        "      Only from 09:00 2025-03-07 on, when it was promised while the clock stood still.",
        "      Dates are compared: in time to the end of 2025-03-13.",
        "      The first promise, kept for comparison, moved from 17:00 2025-03-05 to 17:00 2025-03-07.",
    ]


def test_a_late_due_is_said_to_stay_the_instant_it_was() -> None:
    tale = story.received().then("suspended", "2025-03-06 09:00").then("resumed", "2025-03-10 09:00")

    lines = told(tale.events, "2025-03-10 10:00")

    late = "It was late when the clock stopped, and goes on exactly as late: effective due the instant "
    late += "17:00 2025-03-07."
    assert lines.count(f"      {late}") == 1
    assert lines.count(f"  {late}") == 1


def test_a_case_whose_events_are_all_voided_has_no_row_and_says_so() -> None:
    tale = story.received().then("voided", "2025-03-03 10:00", voids="e1")

    lines = told(tale.events, "2025-03-10 10:00")

    assert lines[-1] == "  No event is left: the case has no row."
    assert "      Voided by e2: as if it had never been." in lines


def test_of_two_contents_under_one_id_the_one_not_chosen_is_named() -> None:
    tale = story.received().then("assigned", "2025-03-03 10:00")
    other = {**tale.events[1], "officer": "o-2"}

    explanation = explained([*tale.events, other], story.at("2025-03-03 11:00"))

    assert sorted((step.event_id, step.fate) for step in explanation.steps) == [
        ("e1", "applied"),
        ("e2", "applied"),
        ("e2", "conflicting"),
    ]


@pytest.mark.parametrize(
    ("us", "vi", "en"),
    [
        (0, "0:00 giờ (0,0 ngày làm việc)", "0:00 h (0.0 working days)"),
        (story.hours("9:00"), "9:00 giờ (1,1 ngày làm việc)", "9:00 h (1.1 working days)"),
        (story.hours("100:05"), "100:05 giờ (12,5 ngày làm việc)", "100:05 h (12.5 working days)"),
    ],
)
def test_a_duration_is_hours_and_working_days(us: int, vi: str, en: str) -> None:
    assert (duration(us, "vi"), duration(us, "en")) == (vi, en)


OVER_TET = (
    story.Story()
    .then("registered", "2025-01-17 16:30", procedure_code="P-days")
    .then("received", "2025-01-20 09:00", procedure_code="P-days")
    .then("suspended", "2025-01-22 10:00")
    .then("resumed", "2025-02-04 10:00")
    .then("assigned", "2025-02-04 11:00", officer="o-2")
    .then("voided", "2025-02-04 11:05", voids="e5")
    .then("completed", "2025-02-05 11:00")
    .then("transferred", "2025-02-05 11:30", unit_id="desk")
    .then("suspended", "2025-02-05 13:00")
    .then("delivered", "2025-02-12 09:00")
)

VIETNAMESE = """\
Hồ sơ C1, tính đến 08:00 10/02/2025

Sự kiện
  17/01/2025 16:30  Nộp hồ sơ (registered) [e1]
      Nộp tại ward; chỉ đồng hồ tiếp nhận chạy.
      Phải tiếp nhận hoặc từ chối chậm nhất 16:30 20/01/2025: 8:00 giờ (1,0 ngày làm việc) tính từ giờ mở cửa kế tiếp.
      Tính vào: Chờ tiếp nhận.
  20/01/2025 09:00  Tiếp nhận (received) [e2]
      Trạng thái: đang giải quyết, đồng hồ chạy.
      Tiếp nhận trong hạn (hạn 16:30 20/01/2025).
      Đơn vị xử lý: ward.
      Hạn theo thời hạn của thủ tục P-days: 09:00 23/01/2025.
      Tiếp nhận lúc 09:00 20/01/2025.
      Thời hạn giải quyết: 3 ngày làm việc.
      Hẹn trả lúc 09:00 23/01/2025.
      Hẹn trả lần đầu, theo thời hạn của thủ tục: 09:00 23/01/2025.
      So theo ngày: đúng hạn đến hết ngày 23/01/2025.
      Tính vào: Trong hạn.
  22/01/2025 10:00  Tạm dừng (suspended) [e3]
      Trạng thái: tạm dừng, đồng hồ đứng.
      Đồng hồ dừng; lý do: chờ bổ sung hồ sơ.
      Yêu cầu bổ sung lần 1.
      Tính vào: Tạm dừng.
  04/02/2025 10:00  Tiếp tục xử lý (resumed) [e4]
      Trạng thái: đang giải quyết, đồng hồ chạy.
      Đồng hồ đã đứng 32:00 giờ (4,0 ngày làm việc).
      Hạn dời từ 09:00 23/01/2025 đến 09:00 05/02/2025: 32:00 giờ (4,0 ngày làm việc) mà đồng hồ đứng.
      Không tính 27/01/2025: 29 Tết.
      Không tính 28/01/2025: Giao thừa Tết Nguyên Đán.
      Không tính 29/01/2025: Tết Nguyên Đán.
      Không tính 30/01/2025: Mùng hai Tết Nguyên Đán.
      Không tính 31/01/2025: Mùng ba Tết Nguyên Đán.
      Không tính 01/02/2025: Mùng bốn Tết Nguyên Đán.
      So theo ngày: đúng hạn đến hết ngày 05/02/2025.
      Tính vào: Trong hạn.
  04/02/2025 11:00  Phân công (assigned) [e5] – đã hủy
      Bị hủy bởi e6: coi như chưa từng có.
  04/02/2025 11:05  Hủy sự kiện ghi nhầm (voided) [e6]
      Hủy sự kiện e5.
  04/02/2025 17:00  Thời gian trôi qua
      Còn không quá 8:00 giờ (1,0 ngày làm việc) đến hạn.
      Tính vào: Sắp đến hạn.
  05/02/2025 11:00  Xử lý xong (completed) [e7]
      Trạng thái: đã giải quyết.
      Kết thúc sau 26:00 giờ (3,3 ngày làm việc).
      Kết quả: đúng hạn.
      Tính vào: Giải quyết đúng hạn.
  05/02/2025 11:30  Chuyển xử lý (transferred) [e8] – không có hiệu lực
      Hồ sơ đã kết thúc: đường về quầy, không đổi gì.
  05/02/2025 13:00  Tạm dừng (suspended) [e9] – không có hiệu lực
      Bất thường after_end: Sự kiện xảy ra sau khi hồ sơ kết thúc nên không có hiệu lực.
  12/02/2025 09:00  Trả kết quả (delivered) [e10] – chưa đến lúc
      Chờ đến lúc có hiệu lực.

Sổ đồng hồ
  20/01/2025 09:00 – 22/01/2025 10:00: chạy, 17:00 giờ (2,1 ngày làm việc)
  22/01/2025 10:00 – 04/02/2025 10:00: đứng (tạm dừng), 32:00 giờ (4,0 ngày làm việc)
  04/02/2025 10:00 – 05/02/2025 11:00: chạy, 9:00 giờ (1,1 ngày làm việc)

Kết quả
  Trạng thái: đã giải quyết.
  Tính vào: Giải quyết đúng hạn.
  Đơn vị xử lý: ward.
  Kết thúc lúc 11:00 05/02/2025.
  Kết quả: đúng hạn.
  Thời gian giải quyết: 26:00 giờ (3,3 ngày làm việc).
  Tạm dừng: 32:00 giờ (4,0 ngày làm việc).
  Từ kết thúc đến mở lại: 0:00 giờ (0,0 ngày làm việc).
  Trễ: 0:00 giờ (0,0 ngày làm việc).
  Hẹn trả: 09:00 05/02/2025.
  So theo ngày: đúng hạn đến hết ngày 05/02/2025.
  Hẹn trả lần đầu: 09:00 23/01/2025.
  Hẹn trả lần đầu sau khi dời: 09:00 05/02/2025.
  Hạn theo quy định: 09:00 23/01/2025.
  Tiếp nhận trong hạn (hạn 16:30 20/01/2025).
  Thay đổi kế tiếp, nếu không có sự kiện mới: 09:00 12/02/2025.
  Bất thường (×1) after_end: Sự kiện xảy ra sau khi hồ sơ kết thúc nên không có hiệu lực.
  Lịch hanoi (Asia/Ho_Chi_Minh), bộ quy tắc one_stop.
"""

ENGLISH = """\
Case C1, as of 08:00 2025-02-10

Events
  2025-01-17 16:30  Registered (registered) [e1]
      Handed in at ward; only the reception clock runs.
      To be received or declined by 16:30 2025-01-20: 8:00 h (1.0 working days) from the next opening.
      Counts in: Awaiting reception.
  2025-01-20 09:00  Received (received) [e2]
      Status: in process, the clock runs.
      The reception was in time (by 16:30 2025-01-20).
      Held by: ward.
      Due by the allotted time of the procedure P-days: 09:00 2025-01-23.
      Received at 09:00 2025-01-20.
      Allotted time: 3 working days.
      Due at 09:00 2025-01-23.
      First promise, from the allotted time: 09:00 2025-01-23.
      Dates are compared: in time to the end of 2025-01-23.
      Counts in: In time.
  2025-01-22 10:00  Suspended (suspended) [e3]
      Status: suspended, the clock stands still.
      The clock stops; reason: waiting for a supplement.
      A supplement is asked for, time 1.
      Counts in: Suspended.
  2025-02-04 10:00  Resumed (resumed) [e4]
      Status: in process, the clock runs.
      The clock stood still for 32:00 h (4.0 working days).
      The due moved from 09:00 2025-01-23 to 09:00 2025-02-05: by the 32:00 h (4.0 working days) the clock stood still.
      Not counted: 2025-01-27, 29 of Lunar New Year.
      Not counted: 2025-01-28, Lunar New Year's Eve.
      Not counted: 2025-01-29, Lunar New Year.
      Not counted: 2025-01-30, Second Day of Lunar New Year.
      Not counted: 2025-01-31, Third Day of Lunar New Year.
      Not counted: 2025-02-01, Fourth Day of Lunar New Year.
      Dates are compared: in time to the end of 2025-02-05.
      Counts in: In time.
  2025-02-04 11:00  Assigned (assigned) [e5] – voided
      Voided by e6: as if it had never been.
  2025-02-04 11:05  Voided (voided) [e6]
      Voids the event e5.
  2025-02-04 17:00  Time passed
      At most 8:00 h (1.0 working days) are left.
      Counts in: Due soon.
  2025-02-05 11:00  Completed (completed) [e7]
      Status: completed.
      Ended after 26:00 h (3.3 working days).
      Judged: on time.
      Counts in: Completed on time.
  2025-02-05 11:30  Transferred (transferred) [e8] – no effect
      The case has ended: the way back to the counter, nothing changes.
  2025-02-05 13:00  Suspended (suspended) [e9] – no effect
      Anomaly after_end: An event came after the end of the case and had no effect.
  2025-02-12 09:00  Delivered (delivered) [e10] – not yet
      Takes effect when its time has come.

Ledger of the clock
  2025-01-20 09:00 – 2025-01-22 10:00: runs, 17:00 h (2.1 working days)
  2025-01-22 10:00 – 2025-02-04 10:00: stands (suspended), 32:00 h (4.0 working days)
  2025-02-04 10:00 – 2025-02-05 11:00: runs, 9:00 h (1.1 working days)

Result
  Status: completed.
  Counts in: Completed on time.
  Held by: ward.
  Ended at 11:00 2025-02-05.
  Judged: on time.
  Elapsed: 26:00 h (3.3 working days).
  Suspended: 32:00 h (4.0 working days).
  Between end and reopening: 0:00 h (0.0 working days).
  Late by: 0:00 h (0.0 working days).
  Due: 09:00 2025-02-05.
  Dates are compared: in time to the end of 2025-02-05.
  First promise: 09:00 2025-01-23.
  The first promise, moved: 09:00 2025-02-05.
  Legal due: 09:00 2025-01-23.
  The reception was in time (by 16:30 2025-01-20).
  The next change, if no event comes: 09:00 2025-02-12.
  Anomaly (×1) after_end: An event came after the end of the case and had no effect.
  Calendar hanoi (Asia/Ho_Chi_Minh), profile one_stop.
"""


@pytest.mark.parametrize(("language", "text"), [("vi", VIETNAMESE), ("en", ENGLISH)])
def test_a_case_suspended_over_tet_is_told_with_its_holidays(language: Language, text: str) -> None:
    lines = told(OVER_TET.events, "2025-02-10 08:00", language=language)

    assert "\n".join(lines).splitlines() == text.splitlines()
