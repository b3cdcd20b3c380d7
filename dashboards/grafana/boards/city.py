"""The city on one screen: is the promise kept, where not, and is it getting better."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import names, panels
from dashboards.grafana.boards import fresh, shared, trends
from dashboards.grafana.columns import Column, cell, state, state_sql
from dashboards.grafana.dashboard import About, Row, dashboard
from dashboards.grafana.names import Language
from dashboards.grafana.sql import FROM, SINCE, lag_reason
from dashboards.grafana.text import Text

_MONTH: Final = f"unit_trend(unit = '*', scope = 'own', since = {SINCE['30d']})"
_SHOWN: Final = f"unit_trend(unit = '*', scope = 'own', since = {FROM})"
_WEEK_BEFORE: Final = f"unit_trend(unit = '*', scope = 'own', since = {FROM} - 6)"
_SPEED: Final = shared.speed_sql(
    shared.SPEED,
    "v_cells WHERE dimension = '' AND unit_id = '*' AND scope = 'own' AND period = '30d' AND value = ''",
    "v_city_now",
)
MOST: Final = 6
"""As many as the panel has room for."""


def city(language: Language) -> Dashboard:
    """The dashboard in a language."""
    text = Text(language)
    about = About(
        names.CITY,
        language,
        text("Toàn thành phố", "The city"),
        text(
            "Lời hứa có được giữ không, ở đâu chưa, đang tốt lên hay xấu đi.",
            "Is the promise kept, where not, and is it getting better or worse.",
        ),
    )
    return dashboard(
        about,
        [
            Row(5, shared.promise(text, _MONTH, "v_city_now", text.word("common.period_30d"))),
            Row(9, [(17, _where(text)), (7, trends.stock(text, "v_city_now"))]),
            Row(
                8,
                [
                    (8, trends.in_and_out(text, _SHOWN)),
                    (8, trends.open_and_overdue(text, _SHOWN)),
                    (8, trends.rates(text, _WEEK_BEFORE)),
                ],
            ),
            Row(4, [(19, _speed(text)), (5, fresh.freshness(text))]),
        ],
    )


def _where(text: Text) -> panels.Panel:
    sql = (
        f"SELECT unit_name AS unit, unit_id, overdue_share, {state_sql('overdue_share', 'overdue_share', 'open')} "
        f"AS state, overdue, open, {lag_reason(text)} AS why "
        f"FROM (SELECT * FROM v_public_lagging(period = '30d', most = {MOST})) AS lagging "
        "LEFT JOIN (SELECT unit_id AS about, name AS other_name FROM units FINAL) AS others USING (about) "
        "ORDER BY overdue_share DESC, unit_id"
    )
    return panels.table(
        text(
            "Ở đâu chưa? Đơn vị chậm nhất lúc này, và lý do",
            "Where not? The units that lag most now, and why",
        ),
        text.describe(
            "overdue_share",
            "overdue",
            "open",
            note=text.word("city.lagging_lead")
            + " "
            + text(
                "Lý do tính theo 30 ngày. Bấm vào tên để xem đơn vị.",
                "The reason is that of 30 days. A click on the name leads to the unit.",
            ),
        ),
        sql,
        [
            shared.unit_link(text, width=290),
            shared.code(),
            cell(text, "overdue_share"),
            state(text, "state", text("Xếp loại", "State")),
            cell(text, "overdue", width=90),
            cell(text, "open"),
            Column(name="why", title=text("Lý do", "Reason"), unit="string", more={"custom.wrapText": True}),
        ],
        empty=text("Không đơn vị nào có hồ sơ quá hạn", "No unit has overdue cases"),
    )


def _speed(text: Text) -> panels.Panel:
    return panels.stat(
        text(
            "Nhanh đến đâu? Ngày làm việc (8 giờ), 30 ngày",
            "How fast? Working days (of 8 hours), 30 days",
        ),
        text.describe(*shared.SPEED, note=fresh.computed(text)),
        _SPEED,
        [*shared.times(text, shared.SPEED), shared.n_of_times(text)],
        empty=text.nothing,
    )
