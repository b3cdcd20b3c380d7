"""What everybody may see of every unit."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import names, panels
from dashboards.grafana.boards import fresh, shared, trends
from dashboards.grafana.boards.public_city import DAYS, NOW, hidden, hideable
from dashboards.grafana.columns import Column, cell, in_days, number, state, state_sql
from dashboards.grafana.dashboard import About, Row, dashboard
from dashboards.grafana.names import Language
from dashboards.grafana.text import Text
from dashboards.limits import FEW

_BARS: Final = 6
_SPEED: Final = ("processing_p50_s", "processing_p90_s")
_NUMBERS: Final = ("received", "completed", "on_time_rate", "on_time_rate_strict")
_CELLS: Final = (
    "SELECT unit_id, "
    + ", ".join(f"{hideable(name)} AS {name}_shown" for name in (*_NUMBERS, "judged"))
    + ", "
    + ", ".join(f"{hideable(name, in_days(name))} AS {shared.days(name)}" for name in _SPEED)
    + " FROM v_public_cells WHERE dimension = '' AND value = '' AND scope = 'tree' AND period = '30d'"
)
_UNITS: Final = (
    "(SELECT unit_id, unit_name, open, overdue, overdue / nullIf(open, 0) AS overdue_share FROM v_public_units_now "
    f"WHERE scope = 'tree' AND unit_id NOT IN ('*', '')) AS now LEFT JOIN ({_CELLS}) AS cells USING (unit_id)"
)


def public_units(language: Language) -> Dashboard:
    """The dashboard in a language."""
    text = Text(language)
    about = About(
        names.PUBLIC_UNITS,
        language,
        text("Các đơn vị giải quyết hồ sơ", "Every unit's cases"),
        text(
            "Số liệu công khai của mọi đơn vị, cả các đơn vị cấp dưới. Không có dữ liệu cá nhân.",
            "Public numbers of every unit with those below it. No personal data.",
        ),
        refresh="1m",
        public=True,
    )
    return dashboard(
        about,
        [
            Row(5, shared.promise(text, DAYS, NOW, text.word("common.period_30d"), "v_public_")),
            Row(14, [(24, _table(text))]),
            Row(11, [(10, _overdue(text)), (10, _on_time(text)), (4, fresh.freshness(text, "v_public_"))]),
        ],
    )


def _table(text: Text) -> panels.Panel:
    kept_back = hidden(text)
    shown = ", ".join(f"{name}_shown AS {name}" for name in _NUMBERS)
    days = ", ".join(shared.days(name) for name in _SPEED)
    judged = state_sql("on_time_rate", "on_time_rate_shown", "completed_shown")
    return panels.table(
        text(
            "Các đơn vị: tồn lúc này, lời hứa trong 30 ngày (ngày làm việc). Bấm vào đầu cột để xếp thứ tự",
            "Units: open now, the promise in 30 days (working days). A click on a heading sorts",
        ),
        text.describe("open", "overdue", "overdue_share", *_NUMBERS, *_SPEED, note=_note(text)),
        f"SELECT unit_name AS unit, unit_id, overdue_share, overdue, open, {shown}, "
        f"if(on_time_rate_shown < 0 OR completed_shown < 0, NULL, {judged}) AS state, {days} FROM {_UNITS} "
        f"ORDER BY open >= {FEW} DESC, overdue_share DESC NULLS LAST, unit_id",
        [
            Column(name="unit", title=text("Đơn vị", "Unit"), unit="string", width=290),
            Column(name="unit_id", title=text("Mã", "Code"), unit="string", width=145),
            cell(text, "overdue_share"),
            cell(text, "overdue"),
            cell(text, "open"),
            cell(text, "received", words=kept_back),
            cell(text, "completed", words=kept_back),
            cell(text, "on_time_rate", words=kept_back),
            cell(text, "on_time_rate_strict", words=kept_back),
            state(text, "state", text("Xếp loại", "State")),
            *(cell(text, name, shared.days(name), words=kept_back) for name in _SPEED),
        ],
        empty=text.nothing,
    )


def _overdue(text: Text) -> panels.Panel:
    return panels.bars(
        text(f"Quá hạn lúc này: {_BARS} đơn vị nhiều nhất", f"Overdue now: the {_BARS} units with most"),
        text.describe("overdue", note=text("n = số hồ sơ. ", "n = cases. ") + fresh.live(text)),
        "SELECT unit_name AS unit, overdue AS Value FROM v_public_units_now "
        f"WHERE scope = 'own' AND unit_id NOT IN ('*', '') AND overdue > 0 ORDER BY Value DESC, unit_id LIMIT {_BARS}",
        [number(text, "overdue", "Value", colour=trends.STOCK_COLOURS["overdue"])],
        empty=text("Không có hồ sơ quá hạn", "No overdue cases"),
        by_row=True,
        above=True,
    )


def _on_time(text: Text) -> panels.Panel:
    return panels.bars(
        text(
            f"Tỷ lệ đúng hạn, 30 ngày: {_BARS} đơn vị thấp nhất (n ≥ 10)",
            f"On-time rate, 30 days: the {_BARS} lowest units (n ≥ 10)",
        ),
        text.describe("on_time_rate", "completed", note=_note(text)),
        f"SELECT unit_name AS unit, on_time_rate_shown AS Value FROM {_UNITS} "
        f"WHERE completed_shown >= {FEW} AND on_time_rate_shown >= 0 ORDER BY Value, unit_id LIMIT {_BARS}",
        [number(text, "on_time_rate", "Value", more={"max": 1})],
        empty=text("Không đơn vị nào có từ 10 hồ sơ", "No unit has 10 cases"),
        by_row=True,
        above=True,
    )


def _note(text: Text) -> str:
    return f"{fresh.computed(text)} {text.hidden_why}"
