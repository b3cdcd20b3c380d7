"""Periods over which numbers are counted, in local days of the calendar's zone (domain.md §6)."""

from datetime import date, timedelta
from typing import Final, Literal, get_args

Period = Literal["today", "7d", "30d", "month", "quarter", "year", "all"]
PERIODS: Final[tuple[Period, ...]] = get_args(Period)
DEFAULT_PERIOD: Final[Period] = "30d"
"""Of a public page on which nobody chose one."""


def first_day(period: Period, today: date) -> date | None:
    """The first local day of a period that lasts until ``today``; None: there is none (all time).

    7 and 30 days are today and the 6 / 29 days before; month, quarter and year are the current ones so far.
    """
    match period:
        case "today":
            return today
        case "7d":
            return today - timedelta(days=6)
        case "30d":
            return today - timedelta(days=29)
        case "month":
            return today.replace(day=1)
        case "quarter":
            return today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
        case "year":
            return today.replace(month=1, day=1)
        case "all":
            return None
