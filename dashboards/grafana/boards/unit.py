"""One unit: what a click on its name leads to, down to its overdue cases and why each is overdue."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import names, panels, variables
from dashboards.grafana.boards import fresh, shared, trends
from dashboards.grafana.columns import Column, cell, in_days, number
from dashboards.grafana.dashboard import About, Row, dashboard
from dashboards.grafana.names import Language
from dashboards.grafana.sql import FROM, named, since
from dashboards.grafana.text import Text
from schemas.registry import OVERDUE_BANDS, STOCK_PARTS
from schemas.vocabulary import CAUSES, CHANNELS

_UNIT: Final = "unit = ${unit:singlequote}, scope = ${scope:singlequote}"
_PERIOD: Final = f"unit_trend({_UNIT}, since = {since('${period:singlequote}')})"
_SHOWN: Final = f"unit_trend({_UNIT}, since = {FROM})"
_WEEK_BEFORE: Final = f"unit_trend({_UNIT}, since = {FROM} - 6)"
_NOW: Final = (
    f"(SELECT {', '.join(f'sum(units.{name}) AS {name}' for name in STOCK_PARTS)} FROM v_units_now AS units "
    "WHERE unit_id = ${unit:singlequote} AND scope = ${scope:singlequote})"
)
"""One row, also of a unit that never held a case."""
_CELLS: Final = (
    "v_cells WHERE unit_id = ${unit:singlequote} AND scope = ${scope:singlequote} "
    "AND period = ${period:singlequote} AND dimension = "
)
_AGES: Final = "v_units_now WHERE unit_id = ${unit:singlequote} AND scope = ${scope:singlequote}"
MOST: Final = 100
_ROWS: Final = 50


def unit(language: Language) -> Dashboard:
    """The dashboard in a language."""
    text = Text(language)
    about = About(
        names.UNIT,
        language,
        text("Đơn vị", "A unit"),
        text(
            "Một đơn vị: lời hứa, hồ sơ đang giữ, nơi hồ sơ nằm lâu, và từng hồ sơ quá hạn.",
            "One unit: its promise, what it holds, where cases stay, and each overdue case.",
        ),
    )
    chosen = [
        variables.query("unit", text("Đơn vị", "Unit"), variables.UNITS),
        variables.scope(text),
        variables.period(text),
        variables.explain(text),
    ]
    rows = [
        Row(5, shared.promise(text, _PERIOD, _NOW, text("trong kỳ", "in the period"))),
        Row(8, [(8, trends.stock(text, _NOW)), (8, _bands(text)), (8, _ages(text))]),
        Row(
            8,
            [
                (8, trends.in_and_out(text, _SHOWN)),
                (8, trends.open_and_overdue(text, _SHOWN)),
                (8, trends.rates(text, _WEEK_BEFORE)),
            ],
        ),
        Row(9, [(14, _procedures(text)), (10, _channels(text))]),
        Row(8, [(11, _steps(text)), (9, _causes(text)), (4, fresh.freshness(text))]),
        Row(12, [(24, _overdue(text))]),
    ]
    return dashboard(about, rows, chosen)


def _bands(text: Text) -> panels.Panel:
    return panels.bars(
        text("Quá hạn bao lâu? Ngày làm việc", "How long overdue? Working days"),
        text.describe("overdue", *OVERDUE_BANDS, note=fresh.computed(text)),
        f"SELECT {', '.join(OVERDUE_BANDS)} FROM {_CELLS}'' AND value = ''",
        [number(text, name, colour=trends.STOCK_COLOURS["overdue"]) for name in OVERDUE_BANDS],
        empty=text.nothing,
    )


def _ages(text: Text) -> panels.Panel:
    shown = (*shared.SPEED, "oldest_open_s", "worst_overdue_s")
    return panels.stat(
        text(
            "Nhanh đến đâu, cũ đến đâu? Ngày làm việc (8 giờ)", "How fast, how old? Working days (of 8 hours)"
        ),
        text.describe(*shown, "awaiting", "awaiting_overdue", note=fresh.computed(text)),
        shared.speed_sql(shown, f"{_CELLS}'' AND value = ''", _AGES, "awaiting", "awaiting_overdue"),
        [
            *shared.times(text, shown),
            shared.n_of_times(text),
            number(text, "awaiting"),
            number(text, "awaiting_overdue"),
        ],
        empty=text.nothing,
        across=False,
        value_size=24,
    )


_BREAKDOWN: Final = ("received", "completed", "on_time_rate", "open", "overdue")


def _parts(text: Text) -> list[Column]:
    return [
        *(cell(text, name) for name in _BREAKDOWN),
        *shared.time_cells(text, ("processing_p50_s", "processing_p90_s")),
    ]


def _procedures(text: Text) -> panels.Panel:
    return panels.table(
        text("Theo thủ tục, trong kỳ (ngày làm việc)", "By procedure, in the period (working days)"),
        text.describe(*_BREAKDOWN, "processing_p50_s", "processing_p90_s", note=fresh.computed(text)),
        f"SELECT value AS procedure_code, {', '.join(_BREAKDOWN)}, "
        f"{shared.times_sql(('processing_p50_s', 'processing_p90_s'))} FROM {_CELLS}'procedure' "
        f"ORDER BY overdue DESC, open DESC, received DESC, procedure_code LIMIT {_ROWS}",
        [
            Column(name="procedure_code", title=text("Mã thủ tục", "Procedure"), unit="string", width=130),
            *_parts(text),
        ],
        empty=text.nothing,
    )


def _channels(text: Text) -> panels.Panel:
    names_of = text.names("unit.channel", CHANNELS)
    return panels.table(
        text("Theo kênh tiếp nhận, trong kỳ", "By channel, in the period"),
        text.describe("received", "completed", "on_time_rate", "overdue", note=fresh.computed(text)),
        f"SELECT {named('value', names_of)} AS channel, received, completed, on_time_rate, overdue "
        f"FROM {_CELLS}'channel' ORDER BY received DESC, channel",
        [
            Column(name="channel", title=text("Kênh", "Channel"), unit="string"),
            cell(text, "received"),
            cell(text, "completed"),
            cell(text, "on_time_rate"),
            cell(text, "overdue"),
        ],
        empty=text.nothing,
    )


def _steps(text: Text) -> panels.Panel:
    return panels.table(
        text(
            "Hồ sơ nằm ở bước nào, bao lâu? Ngày làm việc",
            "At which step do cases stay, how long? Working days",
        ),
        text.describe("holding_p50_s", "holding_p90_s", "open", "overdue", note=fresh.computed(text)),
        f"SELECT if(value = '', '{text.word('unit.step_none')}', value) AS step, open, overdue, holding_n, "
        f"{shared.times_sql(('holding_p50_s', 'holding_p90_s'))} FROM {_CELLS}'step' "
        f"ORDER BY holding_p90_days DESC NULLS LAST, step LIMIT {_ROWS}",
        [
            Column(name="step", title=text("Bước", "Step"), unit="string"),
            cell(text, "open"),
            cell(text, "overdue"),
            Column(name="holding_n", title=text("n = lượt giữ", "n = stays"), width=100),
            *shared.time_cells(text, ("holding_p50_s", "holding_p90_s")),
        ],
        empty=text.nothing,
    )


def _causes(text: Text) -> panels.Panel:
    names_of = {**text.names("common.cause", CAUSES), "": text.word("common.cause_none")}
    return panels.bars(
        text("Vì sao trễ? Hồ sơ theo nguyên nhân", "Why late? Cases by cause"),
        text.describe("late_by_cause", "late_or_overdue", "late_without_cause", note=fresh.computed(text)),
        f"SELECT {named('value', names_of)} AS cause, late_or_overdue AS Value FROM {_CELLS}'cause' "
        "AND late_or_overdue > 0 ORDER BY Value DESC, cause",
        [number(text, "late_or_overdue", "Value", colour="dark-orange", limits=None)],
        empty=text("Không có hồ sơ trễ hạn", "No late cases"),
        by_row=True,
    )


def _overdue(text: Text) -> panels.Panel:
    url = "${explain:raw}/staff/cases/${__value.raw:percentencode}/explain"
    sql = (
        f"SELECT case_id, unit_name AS unit, found.unit_id AS unit_id, procedure_code, step, officer, status, "
        f"toUnixTimestamp64Milli(due_at) AS due, {in_days('late_s')} AS late_days "
        f"FROM overdue_cases({_UNIT}, most = {MOST}) AS found "
        "LEFT JOIN (SELECT unit_id, name AS unit_name FROM units FINAL) AS names ON names.unit_id = found.unit_id "
        "ORDER BY late_s DESC, case_id"
    )
    states = {name: (said, None) for name, said in _statuses(text).items()}
    return panels.table(
        text(f"Hồ sơ quá hạn, {MOST} hồ sơ quá hạn lâu nhất", f"Overdue cases, the {MOST} longest overdue"),
        text.describe(
            "overdue",
            note=text(
                "Bấm vào mã hồ sơ để xem vì sao quá hạn. Cán bộ là mã ẩn danh. Số ngày là ngày làm việc 8 giờ.",
                "A click on the number of a case tells why it is overdue. Officers are opaque references. "
                "Days are working days of 8 hours.",
            ),
        ),
        sql,
        [
            Column(
                name="case_id",
                title=text("Mã hồ sơ", "Case"),
                unit="string",
                width=280,
                links=[(text("Vì sao? (mạng nội bộ)", "Why? (internal network)"), url)],
            ),
            shared.unit_link(text, width=300),
            shared.code(),
            Column(name="procedure_code", title=text("Thủ tục", "Procedure"), unit="string"),
            Column(name="step", title=text("Bước", "Step"), unit="string"),
            Column(name="officer", title=text("Cán bộ (mã)", "Officer (reference)"), unit="string"),
            Column(name="status", title=text("Trạng thái", "Status"), unit="string", words=states),
            Column(name="due", title=text("Hẹn trả", "Due"), unit="time:DD/MM/YYYY HH:mm", width=150),
            Column(
                name="late_days",
                title=text("Quá hạn (ngày làm việc)", "Late (working days)"),
                unit="none",
                decimals=1,
                width=190,
            ),
        ],
        empty=text("Không có hồ sơ quá hạn", "No overdue cases"),
    )


def _statuses(text: Text) -> dict[str, str]:
    return {
        "processing": text("● đang giải quyết", "● in process"),
        "suspended": text("◇ tạm dừng", "◇ suspended"),
    }
