"""Panels of the stock and of how it changes from day to day: the city's, a unit's and the public's are the same."""

from __future__ import annotations

from typing import Final

from dashboards.grafana import panels
from dashboards.grafana.boards.fresh import corrected, live
from dashboards.grafana.columns import Column, number
from dashboards.grafana.sql import FROM, TIME, UNTIL
from dashboards.grafana.text import Text
from schemas.registry import LEDGER_IN, LEDGER_OUT, STOCK_PARTS

STOCK_COLOURS: Final = {
    "in_time": "semi-dark-blue",
    "due_soon": "dark-yellow",
    "overdue": "semi-dark-red",
    "suspended": "purple",
    "no_deadline": "text",
}
MARKS: Final = {"in_time": "✓", "due_soon": "●", "overdue": "■", "suspended": "◇", "no_deadline": "○"}
"""A shape for each part of the stock, so that none is told by colour alone."""
SHOWN: Final = f"day >= {FROM} AND day <= {UNTIL}"
"""SQL: the days that a reader chose."""


def stock(text: Text, now: str) -> panels.Panel:
    """What is open now, by how it stands.

    Args:
        text: the language.
        now: the row of the unit now.
    """
    return panels.bars(
        text("Đang giải quyết lúc này", "Open now"),
        text.describe("open", *STOCK_PARTS, note=live(text)),
        f"SELECT {', '.join(STOCK_PARTS)} FROM {now}",
        [
            number(
                text,
                name,
                title=f"{MARKS[name]} {text('Quá hạn', 'Overdue') if name == 'overdue' else text.title(name)}",
                colour=STOCK_COLOURS[name],
            )
            for name in STOCK_PARTS
        ],
        empty=text.nothing,
    )


def in_and_out(text: Text, trend: str, chosen: str = SHOWN) -> panels.Panel:
    """What came in and went out, day by day.

    Args:
        text: the language.
        trend: rows of days.
        chosen: which of them.
    """
    came = ", ".join(text.title(name).lower() for name in LEDGER_IN)
    went = ", ".join(text.title(name).lower() for name in LEDGER_OUT)
    said = text(f"Vào: {came}. Ra: {went}. ", f"In: {came}. Out: {went}. ") + corrected(text)
    return panels.series(
        text("Vào và ra mỗi ngày", "In and out each day"),
        text.describe("received", "completed", note=said),
        f"SELECT {TIME}, {' + '.join(LEDGER_IN)} AS came, {' + '.join(LEDGER_OUT)} AS went FROM {trend} "
        f"WHERE {chosen} ORDER BY time",
        [
            Column(name="came", title=text("Vào", "In"), colour="dark-orange"),
            Column(name="went", title=text("Ra", "Out"), colour="semi-dark-blue"),
        ],
        empty=text.nothing,
    )


def open_and_overdue(text: Text, trend: str, chosen: str = SHOWN) -> panels.Panel:
    """What was open, and overdue, at the end of each day; the overdue dashed, so that they differ in print."""
    dashed = {"custom.lineStyle": {"fill": "dash", "dash": [10, 6]}, "custom.lineWidth": 3}
    return panels.series(
        text("Đang giải quyết và quá hạn, cuối mỗi ngày", "Open and overdue, at the end of each day"),
        text.describe("open", "overdue", note=corrected(text)),
        f"SELECT {TIME}, open, overdue FROM {trend} WHERE {chosen} ORDER BY time",
        [
            number(text, "open", colour="semi-dark-blue", limits=None),
            number(text, "overdue", colour=STOCK_COLOURS["overdue"], more=dashed),
        ],
        empty=text.nothing,
    )


def rates(text: Text, trend: str, chosen: str = SHOWN, *also: str) -> panels.Panel:
    """The on-time rate of each day and of the seven days up to it.

    Args:
        text: the language.
        trend: rows of days that begin six days earlier.
        chosen: which of them are shown.
        also: further numbers that the description explains.
    """
    points = {"custom.drawStyle": "points", "custom.pointSize": 6, "custom.showPoints": "always"}
    title = text.title("on_time_rate")
    return panels.series(
        text("Tỷ lệ đúng hạn: từng ngày và 7 ngày", "On-time rate: each day and seven days"),
        text.describe("on_time_rate", *also, note=corrected(text)),
        f"SELECT {TIME}, completed_in_time / nullIf(completed, 0) AS of_day, "
        "sum(completed_in_time) OVER week / nullIf(sum(completed) OVER week, 0) AS of_week "
        f"FROM {trend} WINDOW week AS (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) "
        f"QUALIFY {chosen} ORDER BY time",
        [
            number(
                text,
                "on_time_rate",
                "of_day",
                title=text("Từng ngày", "Each day"),
                colour="text",
                limits=None,
                more=points,
            ),
            number(
                text,
                "on_time_rate",
                "of_week",
                title=text(f"{title}, 7 ngày", f"{title}, 7 days"),
                colour="semi-dark-blue",
                limits=None,
                more={"custom.lineWidth": 3},
            ),
        ],
        empty=text.nothing,
    )
