"""What everybody may see of the city: no variables, nothing but views that keep back what could be a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import names, panels
from dashboards.grafana.boards import fresh, shared, trends
from dashboards.grafana.columns import HIDDEN, Column, cell, in_days, state, state_sql
from dashboards.grafana.dashboard import About, Row, dashboard
from dashboards.grafana.names import Language
from dashboards.grafana.sql import SINCE, lag_reason, named
from dashboards.grafana.text import Text
from schemas.vocabulary import CHANNELS

_CITY_DAYS: Final = "v_public_city_days"
_SHOWN: Final = f"day >= {SINCE['30d']}"
DAYS: Final = f"(SELECT * FROM {_CITY_DAYS} WHERE {_SHOWN})"
"""The last 30 days with today; the view has six more, for rates of seven days."""
NOW: Final = "v_public_city_now"
MOST: Final = 6
_ROWS: Final = 7
_SPEED: Final = ("processing_p50_s", "processing_p90_s")


def public_city(language: Language) -> Dashboard:
    """The dashboard in a language."""
    text = Text(language)
    about = About(
        names.PUBLIC_CITY,
        language,
        text("Giải quyết hồ sơ của thành phố", "How the city handles its cases"),
        text(
            "Số liệu công khai: lời hứa có được giữ không, ở đâu chưa. Không có dữ liệu cá nhân.",
            "Public numbers: is the promise kept, and where not. No personal data.",
        ),
        refresh="1m",
        public=True,
    )
    return dashboard(
        about,
        [
            Row(5, shared.promise(text, DAYS, NOW, text.word("common.period_30d"), "v_public_")),
            Row(9, [(17, _where(text)), (7, trends.stock(text, NOW))]),
            Row(
                7,
                [
                    (7, trends.in_and_out(text, _CITY_DAYS, _SHOWN)),
                    (7, trends.open_and_overdue(text, _CITY_DAYS, _SHOWN)),
                    (6, trends.rates(text, _CITY_DAYS, _SHOWN, "completed")),
                    (4, fresh.freshness(text, "v_public_")),
                ],
            ),
            Row(9, [(14, _procedures(text)), (10, _channels(text))]),
        ],
    )


def hideable(name: str, value: str | None = None, *, of: str | None = None) -> str:
    """SQL: a number of ``v_public_cells``, ``HIDDEN`` where it is kept back, null where there is nothing to measure.

    Args:
        name: of the column.
        value: SQL of it, by default itself.
        of: the id under which it is kept back, by default its name.
    """
    return f"if(has(suppressed, '{of or name}'), {HIDDEN}, {value or name})"


def hidden(text: Text) -> dict[str, tuple[str, str | None]]:
    """The mapping of ``hideable``: words in the place of a number that is kept back."""
    return {str(HIDDEN): (text("ẩn", "hidden"), None)}


def _where(text: Text) -> panels.Panel:
    return panels.table(
        text(
            "Ở đâu chưa? Đơn vị chậm nhất lúc này, và lý do",
            "Where not? The units that lag most now, and why",
        ),
        text.describe(
            "overdue_share",
            "overdue",
            "open",
            note=text.word("city.lagging_lead") + " " + fresh.computed(text),
        ),
        f"SELECT unit_name AS unit, overdue_share, {state_sql('overdue_share', 'overdue_share', 'open')} AS state, "
        f"overdue, open, {lag_reason(text)} AS why "
        f"FROM (SELECT * FROM v_public_lagging(period = '30d', most = {MOST})) AS lagging LEFT JOIN "
        "(SELECT unit_id AS about, unit_name AS other_name FROM v_public_units_now WHERE scope = 'own') AS others "
        "USING (about) ORDER BY overdue_share DESC, unit_id",
        [
            Column(name="unit", title=text("Đơn vị", "Unit"), unit="string", width=260),
            cell(text, "overdue_share"),
            state(text, "state", text("Xếp loại", "State")),
            cell(text, "overdue", width=90),
            cell(text, "open", title="n = " + text("đang xử lý", "open"), width=130),
            Column(name="why", title=text("Lý do", "Reason"), unit="string", more={"custom.wrapText": True}),
        ],
        empty=text("Không đơn vị nào có hồ sơ quá hạn", "No unit has overdue cases"),
    )


def _parts(text: Text, *, speed: bool = True) -> list[Column]:
    kept_back = hidden(text)
    return [
        cell(text, "received", words=kept_back),
        cell(text, "completed", words=kept_back),
        cell(text, "on_time_rate", words=kept_back),
        cell(text, "open", words=kept_back),
        cell(text, "overdue", words=kept_back),
        *(cell(text, name, shared.days(name), words=kept_back) for name in _SPEED if speed),
    ]


def _breakdown_sql(dimension: str, what: str, speed: Sequence[str] = _SPEED) -> str:
    counts = ", ".join(
        f"{hideable(name)} AS {name}_shown"
        for name in ("received", "completed", "on_time_rate", "open", "overdue")
    )
    times = "".join(f", {hideable(name, in_days(name))} AS {shared.days(name)}" for name in speed)
    inner = (
        f"SELECT {what}, {counts}{times} FROM v_public_cells WHERE dimension = '{dimension}' AND unit_id = '*' "
        "AND scope = 'own' AND period = '30d'"
    )
    shown = ", ".join(
        f"{name}_shown AS {name}" for name in ("received", "completed", "on_time_rate", "open", "overdue")
    )
    days = "".join(f", {shared.days(name)}" for name in speed)
    return f"SELECT part, {shown}{days} FROM ({inner}) ORDER BY received_shown DESC, part LIMIT {_ROWS}"


def _procedures(text: Text) -> panels.Panel:
    return panels.table(
        text(
            f"Theo thủ tục, 30 ngày, {_ROWS} thủ tục nhiều hồ sơ nhất (ngày làm việc)",
            f"By procedure, 30 days, the {_ROWS} with most cases (working days)",
        ),
        _about_parts(text),
        _breakdown_sql("procedure", "value AS part"),
        [Column(name="part", title=text("Mã thủ tục", "Procedure"), unit="string", width=130), *_parts(text)],
        empty=text.nothing,
    )


def _channels(text: Text) -> panels.Panel:
    return panels.table(
        text("Theo kênh tiếp nhận, 30 ngày", "By channel, 30 days"),
        _about_parts(text),
        _breakdown_sql("channel", f"{named('value', text.names('unit.channel', CHANNELS))} AS part", ()),
        [
            Column(name="part", title=text("Kênh", "Channel"), unit="string", width=100),
            *_parts(text, speed=False),
        ],
        empty=text.nothing,
    )


def _about_parts(text: Text) -> str:
    return text.describe(
        "received",
        "completed",
        "on_time_rate",
        "open",
        "overdue",
        *_SPEED,
        note=f"{fresh.computed(text)} {text.hidden_why}",
    )
