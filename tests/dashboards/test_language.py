from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from dashboards.board.language import Speech
from tests.dashboards.page_kit import figure

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VI, EN = Speech("vi", HANOI), Speech("en", HANOI)
NBSP = "\N{NO-BREAK SPACE}"
DAY = 8 * 3600


def test_whole_numbers_are_grouped_as_each_language_does() -> None:
    assert VI.count(12_345) == "12.345"
    assert EN.count(1_234_567) == "1,234,567"
    assert VI.count(-3) == "−3"
    assert EN.signed(12) == "+12"


def test_decimals_and_shares_are_written_as_each_language_does() -> None:
    assert VI.decimal(4.25) == "4,2"
    assert EN.decimal(1234.56) == "1,234.6"
    assert VI.share(0.974) == f"97,4{NBSP}%"
    assert EN.share(0.974) == "97.4%"


def test_a_share_that_is_not_all_is_never_rounded_to_all_nor_one_that_is_something_to_nothing() -> None:
    assert EN.share(0.99951) == f">{NBSP}99.9%"
    assert EN.share(0.999999) == f">{NBSP}99.9%"
    assert VI.share(0.00001) == f"<{NBSP}0,1{NBSP}%"
    assert EN.share(1) == "100%"
    assert EN.share(0) == "0%"


@given(st.fractions(0, 1))
def test_only_one_is_100_percent_and_only_zero_is_0_percent(fraction: float) -> None:
    told = EN.share(float(fraction))

    assert (told == "100%") == (float(fraction) == 1)
    assert (told in {"0%", "0.0%"}) == (float(fraction) == 0)
    assert "100.0" not in told


def test_working_time_is_told_in_working_days_of_eight_hours() -> None:
    assert VI.working(3 * DAY + 2 * 3600) == "3 ngày làm việc 2 giờ"
    assert EN.working(3 * DAY + 2 * 3600) == "3 working days 2 h"
    assert EN.working(DAY) == "1 working day"
    assert EN.working(5 * 3600 + 20 * 60) == "5 h 20 min"
    assert EN.working(20 * 60) == "20 min"
    assert VI.working(20) == "dưới 1 phút"


def test_a_duration_carries_over_when_it_is_rounded() -> None:
    assert EN.working(DAY + 7 * 3600 + 40 * 60) == "2 working days"
    assert EN.working(3599) == "1 h"
    assert EN.working(12 * DAY + 5 * 3600) == "13 working days"


def test_time_by_the_clock_has_days_of_24_hours() -> None:
    assert VI.clock(26 * 3600) == "1 ngày 2 giờ"
    assert EN.clock(49 * 3600) == "2 days 1 h"


def test_moments_are_told_in_the_boards_zone() -> None:
    at = datetime(2026, 11, 24, 8, 4, 5, tzinfo=UTC)

    assert VI.moment(at) == "24/11/2026 15:04"
    assert EN.moment(at) == "24 Nov 2026, 15:04"
    assert VI.hour(at) == "15:04"
    assert VI.day(date(2026, 11, 4)) == "04/11/2026"
    assert EN.short_day(date(2026, 11, 4)) == "4 Nov"


def test_ages_are_told_as_how_long_ago_at_least_a_second() -> None:
    now = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    assert VI.age(now - timedelta(seconds=12), now) == "12 giây trước"
    assert EN.age(now - timedelta(seconds=12), now) == "12 seconds ago"
    assert EN.age(now - timedelta(days=3), now) == "3 days ago"
    assert EN.age(now + timedelta(seconds=9), now) == "1 second ago"
    assert EN.age(now, now) == "1 second ago"


def test_a_figure_is_told_in_the_unit_of_measure_that_the_registry_names() -> None:
    assert VI.figure(figure("open", 12_345)) == "12.345"
    assert EN.figure(figure("on_time_rate", 0.5, 10)) == "50.0%"
    assert EN.figure(figure("processing_p50_s", 2 * DAY, 9)) == "2 working days"
    assert EN.figure(figure("clock_p50_s", 86_400, 9)) == "1 day"
    assert VI.figure(figure("worst_overdue_days", 2.5, 3)) == "2,5 ngày làm việc"
    assert VI.figure(figure("rating_mean", 4.14, 20)) == "4,1"
    assert EN.figure(figure("overdue_share", 0.25, 8)) == "25.0%"


def test_a_figure_that_is_hidden_or_has_nothing_to_measure_says_so() -> None:
    assert VI.figure(figure("open", None, hidden=True)) == "được ẩn"
    assert EN.figure(figure("processing_p50_s", None, 0)) == "–"


def test_words_take_numbers_moments_and_figures_as_they_are_written_and_escape_text() -> None:
    told = EN.t("common.stale_source", source="<b>x</b>", at=datetime(2026, 1, 2, tzinfo=UTC), silence=3)

    assert told.startswith("Source &lt;b&gt;x&lt;/b&gt; has sent nothing since 2 Jan 2026, 07:00 (3)")
    assert EN.t("common.n", n=Markup("<b>1</b>")).endswith("<b>1</b>")
    assert EN.t("common.n", n=figure("open", 1234)).endswith("1,234")


def test_words_that_are_not_there_are_an_error() -> None:
    with pytest.raises(KeyError):
        EN.t("common.no_such_words")
    with pytest.raises(KeyError):
        EN.t("common.n", other=1)
    with pytest.raises(TypeError, match="truth value"):
        EN.t("common.n", n=True)


def test_names_and_titles_fall_back_to_vietnamese() -> None:
    class Named:
        name = "Xét tặng danh hiệu"
        name_en: str | None = None

    assert EN.name(Named()) == "Xét tặng danh hiệu"
    assert EN.title("open") == "Open"
    assert VI.title("overdue_share") == VI.t("common.overdue_share")
