"""The emulation of the plugin gives what the plugin gives: its documented expansions, variables and frames."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from tests.grafana.plugin.frames import Answer, FrameError, frames
from tests.grafana.plugin.macros import MacroError, expand, macros_of
from tests.grafana.plugin.variables import ALL, UnknownVariableError, fill_in

SINCE: Final = datetime(2014, 11, 12, 11, 45, 26, 123_000, tzinfo=UTC)
UNTIL: Final = datetime(2015, 11, 12, 11, 45, 26, 456_000, tzinfo=UTC)
MOMENTS: Final = "c >= toDateTime(1415792726) AND c <= toDateTime(1447328726)"
DATES: Final = "d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')"


def expanded(sql: str, interval_s: int = 60) -> str:
    return expand(sql, since=SINCE, until=UNTIL, interval_s=interval_s)


@pytest.mark.parametrize(
    ("macro", "wanted"),
    [
        ("$__timeFilter(c)", MOMENTS),
        (
            "$__timeFilter_ms(c)",
            "c >= fromUnixTimestamp64Milli(1415792726123) AND c <= fromUnixTimestamp64Milli(1447328726456)",
        ),
        ("$__dateFilter(d)", DATES),
        ("$__dateTimeFilter(d, c)", f"({DATES}) AND ({MOMENTS})"),
        ("$__dt(d, c)", f"({DATES}) AND ({MOMENTS})"),
        ("$__timeFrom(c)", "c >= toDateTime(1415792726)"),
        ("$__timeTo(c)", "c <= toDateTime(1447328726)"),
        ("$__fromTime", "toDateTime(1415792726)"),
        ("$__toTime", "toDateTime(1447328726)"),
        ("$__fromTime_ms", "fromUnixTimestamp64Milli(1415792726123)"),
        ("$__toTime_ms", "fromUnixTimestamp64Milli(1447328726456)"),
        ("$__timeInterval(c)", "toStartOfInterval(toDateTime(c), INTERVAL 60 second)"),
        ("$__timeInterval_ms(c)", "toStartOfInterval(toDateTime64(c, 3), INTERVAL 60000 millisecond)"),
        ("$__timeGroup(c, 5m)", "toStartOfInterval(toDateTime(c), INTERVAL 300 second)"),
        ("$__interval_s", "60"),
        ("$__interval", "1m"),
        ("$__interval_ms", "60000"),
        ("$__unknown(c)", "$__unknown(c)"),
    ],
)
def test_a_macro_becomes_what_the_plugin_makes_of_it(macro: str, wanted: str) -> None:
    assert expanded(macro) == wanted


def test_quoted_text_stays_comments_go_and_arguments_may_be_nested() -> None:
    assert expanded("SELECT '$__toTime -- no', `$__toTime` -- $__toTime(\n, f($__fromTime) /* ' */") == (
        "SELECT '$__toTime -- no', `$__toTime` \n, f(toDateTime(1415792726)) "
    )
    assert expanded("$__timeFilter(if(a, b, c))").startswith("if(a, b, c) >= toDateTime(1415792726)")
    assert expanded("$__timeFrom($__toTime)") == "toDateTime(1447328726) >= toDateTime(1415792726)"


def test_a_wrong_number_of_arguments_is_refused_and_an_interval_has_a_second_at_least() -> None:
    with pytest.raises(MacroError, match=r"expected 1 argument\(s\), received 0"):
        expanded("$__timeFilter()")
    with pytest.raises(MacroError, match=r"expected 1 argument\(s\), received 2"):
        expanded("$__timeFilter(a, b)")
    assert expanded("$__interval_s", 0) == "1"


def test_macros_are_found_outside_quotes_only() -> None:
    assert macros_of("$__timeFilter(x) '$__toTime' $__conditionalAll(a, $b)") == {
        "timeFilter",
        "conditionalAll",
    }


def test_variables_are_filled_in_and_all_of_them_leaves_no_condition() -> None:
    sql = (
        "x = ${u:singlequote} AND $__conditionalAll(k IN (${k:singlequote}), $k) AND t > ${__from} $__toTime"
    )

    some = fill_in(sql, {"u": ["it's"], "k": ["a", "b"], "__from": ["5"]})
    every = fill_in(sql, {"u": ["1"], "k": [ALL], "__from": ["5"]})

    assert some == r"x = 'it\'s' AND k IN ('a','b') AND t > 5 $__toTime"
    assert every == "x = '1' AND 1=1 AND t > 5 $__toTime"


def test_a_variable_that_the_dashboard_does_not_have_is_an_error() -> None:
    with pytest.raises(UnknownVariableError):
        fill_in("${nobody}", {})
    with pytest.raises(UnknownVariableError):
        fill_in("$__conditionalAll(a = 1, ${a})", {"a": ["1"]})


NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER: Final = NOON + timedelta(hours=1)


def series(*rows: tuple[Any, ...]) -> Answer:
    return Answer(
        ["time", "unit", "Value"], ["DateTime", "LowCardinality(String)", "Nullable(Int64)"], list(rows)
    )


def test_a_long_series_becomes_a_column_for_each_label_with_nulls_where_there_is_no_row() -> None:
    [frame] = frames(series((NOON, "b", 1), (NOON, "a", 2), (LATER, "b", 3)), 0)

    assert [(field.name, field.labels, field.values) for field in frame.fields] == [
        ("time", {}, [NOON, LATER]),
        ("Value", {"unit": "a"}, [2, None]),
        ("Value", {"unit": "b"}, [1, 3]),
    ]


def test_no_rows_are_no_frames_in_a_series_and_an_empty_one_in_a_table() -> None:
    assert frames(series(), 0) == []
    assert [len(field.values) for field in frames(series(), 1)[0].fields] == [0, 0, 0]


@pytest.mark.parametrize(
    ("answer", "query_format", "said"),
    [
        (series((LATER, "a", 1), (NOON, "a", 2)), 0, "ascending"),
        (series((NOON, "a", 1), (NOON, "a", 2)), 0, "twice"),
        (series((None, "a", 1)), 0, "a time that is none"),
        (Answer(["unit", "Value"], ["String", "Int64"], []), 0, "no DateTime"),
        (Answer(["time", "unit"], ["DateTime", "String"], []), 0, "at least one number"),
        (Answer(["day", "n"], ["Date", "Int64"], []), 1, "Date"),
        (Answer(["n"], ["UInt64"], [(2**60,)]), 1, "2\\^53"),
        (Answer(["n", "n"], ["Int64", "Int64"], []), 1, "one name"),
    ],
)
def test_an_answer_that_breaks_a_rule_is_refused(answer: Answer, query_format: int, said: str) -> None:
    with pytest.raises(FrameError, match=said):
        frames(answer, query_format)
