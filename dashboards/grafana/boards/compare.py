"""Units beside each other, and beside the city."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import names, panels, variables
from dashboards.grafana.boards import fresh, shared
from dashboards.grafana.columns import cell, number, state, state_sql
from dashboards.grafana.dashboard import About, Row, dashboard
from dashboards.grafana.names import Language
from dashboards.grafana.sql import FROM, TIME, UNTIL, named, quoted
from dashboards.grafana.text import Text
from dashboards.limits import FEW
from schemas.unit import UNIT_KINDS

_SERIES: Final = 5
_BARS: Final = 6
_OF_LISTS: Final = (
    "unit_id IN (SELECT unit_id FROM units FINAL WHERE $__conditionalAll(kind IN (${kind:singlequote}), $kind) "
    "AND $__conditionalAll(parent_id IN (${parent:singlequote}), $parent))"
)
_NOW: Final = f"v_units_now WHERE scope = ${{scope:singlequote}} AND unit_id NOT IN ('*', '') AND {_OF_LISTS}"
_CELLS: Final = (
    "SELECT unit_id, received, completed, on_time_rate, on_time_rate_strict, judged, late_first_promise_rate, "
    f"{shared.times_sql(('processing_p50_s', 'processing_p90_s'))} FROM v_cells "
    "WHERE dimension = '' AND value = '' AND scope = ${scope:singlequote} AND period = ${period:singlequote}"
)
_CITIES: Final = "(SELECT unit_id FROM units FINAL WHERE kind = 'city')"
_UNITS: Final = (
    f"(SELECT unit_id, unit_name, open, overdue, overdue / nullIf(open, 0) AS overdue_share FROM {_NOW}) AS now "
    f"LEFT JOIN ({_CELLS}) AS cells USING (unit_id)"
)
_CHOSEN: Final = (
    "SELECT unit_id, if(count() OVER (PARTITION BY unit_name) > 1, concat(unit_name, ' · ', unit_id), unit_name) "
    f"AS unit FROM {_NOW} "
    f"AND $__conditionalAll(unit_id IN (${{unit:singlequote}}), $unit) ORDER BY overdue DESC, unit_id LIMIT {_SERIES}"
)


def compare(language: Language) -> Dashboard:
    """The dashboard in a language."""
    text = Text(language)
    about = About(
        names.COMPARE,
        language,
        text("So sánh đơn vị", "Compare units"),
        text(
            "Các đơn vị cùng loại hoặc cùng cấp trên, bên cạnh nhau và bên cạnh toàn thành phố.",
            "Units of a kind or below one unit, beside each other and beside the city.",
        ),
    )
    kinds = named("kind", text.names("units.kind", UNIT_KINDS))
    chosen = [
        variables.query(
            "kind",
            text("Loại đơn vị", "Kind"),
            f"SELECT DISTINCT kind AS value, {kinds} AS text FROM units FINAL ORDER BY value",
            multi=True,
        ),
        variables.query(
            "parent",
            text("Thuộc", "Below"),
            "SELECT unit_id AS value, name AS text FROM units FINAL "
            "WHERE unit_id IN (SELECT parent_id FROM units FINAL) ORDER BY value",
            multi=True,
        ),
        variables.query(
            "unit", text("Đơn vị trên biểu đồ", "Units in the charts"), variables.UNITS, multi=True
        ),
        variables.scope(text),
        variables.period(text),
    ]
    rows = [
        Row(5, [(18, _city(text)), (6, fresh.freshness(text))]),
        Row(10, [(24, _table(text))]),
        Row(
            11,
            [(8, _bars(text, measure)) for measure in ("overdue_share", "on_time_rate", "processing_p90_s")],
        ),
        Row(9, [(12, _rates(text)), (12, _received(text))]),
    ]
    return dashboard(about, rows, chosen)


def _city(text: Text) -> panels.Panel:
    return panels.stat(
        text(
            "Để so sánh: toàn thành phố, trong kỳ (ngày làm việc)",
            "To compare with: the whole city, in the period (working days)",
        ),
        text.describe(
            "overdue_share",
            "on_time_rate",
            "on_time_rate_strict",
            "completed",
            "processing_p50_s",
            "processing_p90_s",
            note=fresh.computed(text),
        ),
        "SELECT now.overdue / nullIf(now.open, 0) AS overdue_share, on_time_rate, on_time_rate_strict, completed, "
        f"{shared.times_sql(('processing_p50_s', 'processing_p90_s'))} FROM v_cells AS cells "
        "CROSS JOIN (SELECT overdue, open FROM v_city_now) AS now "
        "WHERE dimension = '' AND value = '' AND unit_id = '*' AND scope = 'own' AND period = ${period:singlequote}",
        [
            number(text, "overdue_share", title=text.short("overdue_share")),
            cell(text, "on_time_rate"),
            cell(text, "on_time_rate_strict"),
            cell(text, "completed"),
            *shared.time_cells(text, ("processing_p50_s", "processing_p90_s")),
        ],
        empty=text.nothing,
        value_size=30,
    )


def _table(text: Text) -> panels.Panel:
    numbers = ("received", "completed", "on_time_rate", "on_time_rate_strict", "late_first_promise_rate")
    return panels.table(
        text(
            "Các đơn vị, trong kỳ. Bấm vào đầu cột để xếp thứ tự",
            "Units, in the period. A click on a heading sorts",
        ),
        text.describe(
            "open",
            "overdue",
            "overdue_share",
            *numbers,
            "processing_p50_s",
            "processing_p90_s",
            note=fresh.computed(text),
        ),
        f"SELECT unit_name AS unit, unit_id, overdue_share, {state_sql('overdue_share', 'overdue_share', 'open')} "
        f"AS state, overdue, open, {', '.join(numbers)}, processing_p50_days, processing_p90_days FROM {_UNITS} "
        f"ORDER BY open >= {FEW} DESC, overdue_share DESC NULLS LAST, unit_id",
        [
            shared.unit_link(text, width=330),
            shared.code(),
            cell(text, "overdue_share"),
            state(text, "state", text("Xếp loại", "State")),
            cell(text, "overdue"),
            cell(text, "open"),
            *(cell(text, name) for name in numbers),
            *shared.time_cells(text, ("processing_p50_s", "processing_p90_s")),
        ],
        empty=text("Không có đơn vị nào như vậy", "No such unit"),
    )


def _bars(text: Text, measure: str) -> panels.Panel:
    """The units that are worst by a measure, worst first; of few cases none."""
    days = measure.endswith("_s")
    name = shared.days(measure) if days else measure
    shown = cell(text, measure, "Value") if days else number(text, measure, "Value", more={"max": 1})
    unit = text(" (ngày làm việc)", " (working days)") if days else ""
    order = "ASC" if measure == "on_time_rate" else "DESC"
    enough = f"open >= {FEW}" if measure == "overdue_share" else f"completed >= {FEW}"
    return panels.bars(
        text.title(measure) + unit + text(f": {_BARS} đơn vị kém nhất", f": the {_BARS} worst units"),
        text.describe(
            measure,
            note=text("Chỉ đơn vị có từ 10 hồ sơ. ", "Only units with 10 cases at least. ")
            + fresh.computed(text),
        ),
        f"SELECT unit_name AS unit, {name} AS Value FROM {_UNITS} "
        f"WHERE {enough} AND {name} IS NOT NULL AND unit_id NOT IN {_CITIES} "
        f"ORDER BY {name} {order}, unit_id LIMIT {_BARS}",
        [shown],
        empty=text("Không đơn vị nào có từ 10 hồ sơ", "No unit has 10 cases"),
        by_row=True,
        above=True,
    )


def _rates(text: Text) -> panels.Panel:
    city = quoted(text("Toàn thành phố", "The whole city"))
    week = "ORDER BY day RANGE BETWEEN 6 PRECEDING AND CURRENT ROW"
    rate = "sum(kept) OVER week / nullIf(sum(done) OVER week, 0) AS Value"
    sql = (
        f"SELECT time, unit, Value FROM (SELECT {TIME}, day, unit, {rate} "
        f"FROM ({_days(6)}) WINDOW week AS (PARTITION BY unit {week}) "
        f"UNION ALL SELECT {TIME}, day, {city} AS unit, {rate} FROM (SELECT day, completed_in_time AS kept, "
        f"completed AS done FROM unit_trend(unit = '*', scope = 'own', since = {FROM} - 6)) WINDOW week AS ({week})) "
        f"WHERE day >= {FROM} AND day <= {UNTIL} ORDER BY time, unit"
    )
    return panels.series(
        text(f"Tỷ lệ đúng hạn, 7 ngày ({_SERIES} đơn vị)", f"On-time rate, seven days ({_SERIES} units)"),
        text.describe("on_time_rate", note=_which(text)),
        sql,
        [number(text, "on_time_rate", "Value", title="${__field.labels.unit}", limits=None)],
        empty=text.nothing,
        bridged=True,
    )


def _received(text: Text) -> panels.Panel:
    return panels.series(
        text(f"Tiếp nhận mỗi ngày ({_SERIES} đơn vị)", f"Received each day ({_SERIES} units)"),
        text.describe("received", note=_which(text)),
        f"SELECT {TIME}, unit, came AS Value FROM ({_days(0)}) WHERE day <= {UNTIL} ORDER BY time, unit",
        [number(text, "received", "Value", title="${__field.labels.unit}")],
        empty=text.nothing,
        bridged=True,
    )


def _days(before: int) -> str:
    """SQL: flow of the chosen units by day, from some days before the time range on."""
    holders = (
        "SELECT holder, unit FROM (SELECT unit_id AS holder, arrayJoin(path) AS unit_id FROM units FINAL) AS below "
        f"INNER JOIN ({_CHOSEN}) AS chosen USING (unit_id) WHERE ${{scope:singlequote}} = 'tree' OR holder = unit_id"
    )
    return (
        "SELECT unit, day, sum(received) AS came, sum(completed_early + completed_on_time) AS kept, "
        "sum(completed_early + completed_on_time + completed_late) AS done FROM day_units FINAL "
        f"INNER JOIN ({holders}) AS holders ON holders.holder = day_units.unit_id "
        f"WHERE day >= {FROM} - {before} GROUP BY unit, day"
    )


def _which(text: Text) -> str:
    return text(
        f"Của các đơn vị đã chọn, {_SERIES} đơn vị có nhiều hồ sơ quá hạn nhất. ",
        f"Of the chosen units the {_SERIES} with most overdue cases. ",
    ) + fresh.corrected(text)
