"""The figures of an invented unit, made of its sums of days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from dashboards.board.model.facts import Figure
from tests.dashboards.kit_flows import FLOW, STOCK, Counts
from tests.dashboards.kit_parts import count, quantile, rate, split

DAY_S: Final = 8 * 3600
BANDS: Final = (
    "overdue_to_1_day", "overdue_to_3_days", "overdue_to_10_days", "overdue_to_30_days", "overdue_over_30_days",
)  # fmt: skip


def flow_and_promise(daily: Mapping[str, Counts], first: int, as_of: datetime) -> dict[str, Figure]:
    """What came in and went out from day ``first`` on, the stock now, the promise, the balance (0)."""
    sums = {name: int(daily[name][first:].sum()) for name in (*FLOW, "completed")}
    sums |= {name: int(daily[name][-1]) for name in (*STOCK, "open")}
    sums["carried_over"] = int(daily["open"][first - 1]) if first else 0
    into = sum(sums[name] for name in ("carried_over", "received", "reopened", "transferred_in"))
    out = sum(sums[name] for name in ("completed", "withdrawn", "declined", "stopped", "transferred_out"))
    sums["flow_gap"] = into - out - sums["open"]
    sums["completed_in_time"] = sums["completed_early"] + sums["completed_on_time"]
    sums["judged"] = sums["completed"] + sums["overdue"]
    sums["late_or_overdue"] = sums["completed_late"] + sums["overdue"]
    sums["late_without_cause"] = sums["late_or_overdue"] * 24 // 100
    found = {name: count(name, value, as_of) for name, value in sums.items()}
    for name, above, below in (
        ("on_time_rate", "completed_in_time", "completed"),
        ("on_time_rate_strict", "completed_in_time", "judged"),
        ("late_first_promise_rate", "late_first_promise", "completed"),
        ("late_without_cause_share", "late_without_cause", "late_or_overdue"),
    ):
        found[name] = rate(name, sums[above], sums[below], as_of)
    return found


def speed(completed: int, open_: int, slowness: float, as_of: datetime) -> dict[str, Figure]:
    """Processing time, clock time, age of the open, holding time; ``slowness`` 1 is usual."""
    hours = {"p50": 11 * slowness, "mean": 17.3 * slowness, "p90": 41 * slowness}
    found = {
        f"processing_{how}_s": quantile(f"processing_{how}_s", h, completed, as_of)
        for how, h in hours.items()
    }
    found |= {
        f"clock_{how}_s": quantile(f"clock_{how}_s", h * 3.4, completed, as_of) for how, h in hours.items()
    }
    for how in ("p50", "p90"):
        found[f"open_age_{how}_s"] = quantile(f"open_age_{how}_s", hours[how] * 0.8, open_, as_of)
        found[f"holding_{how}_s"] = quantile(f"holding_{how}_s", hours[how] * 0.4, completed, as_of)
    for name in ("processing_sum_s", "clock_sum_s"):
        mean = found[name.replace("sum", "mean")].value or 0
        found[name] = count(name, round(mean) * completed, as_of)
    return found


def stock_now(daily: Mapping[str, Counts], worst_days: float, as_of: datetime) -> dict[str, Figure]:
    """The oldest, the worst delay, what waits at the counter and too long."""
    open_, overdue = int(daily["open"][-1]), int(daily["overdue"][-1])
    suspended, waiting = int(daily["suspended"][-1]), int(daily["received"][-5:].sum()) // 9
    worst = worst_days if overdue else None
    return {
        "oldest_open_s": quantile("oldest_open_s", (worst_days + 20) * 8, open_, as_of),
        "worst_overdue_s": quantile("worst_overdue_s", worst_days * 8, overdue, as_of),
        "worst_overdue_days": Figure("worst_overdue_days", worst, overdue, as_of),
        "suspended_beyond_limit": count("suspended_beyond_limit", suspended // 6, as_of),
        "awaiting": count("awaiting", waiting, as_of),
        "awaiting_overdue": count("awaiting_overdue", waiting // 5, as_of),
    }


def voice_and_attributes(received: int, completed: int, as_of: datetime) -> dict[str, Figure]:
    """Ratings, ends that solved, and how cases came in."""
    fees, ratings = received * 6 // 10, completed // 12
    parts = {
        "received_online": received * 61 // 100, "received_digitised": received * 72 // 100,
        "received_vneid": received * 58 // 100, "received_fee_due": fees, "received_cashless": fees * 66 // 100,
        "ratings": ratings, "rating_sum": ratings * 41 // 10, "ratings_with_answer": ratings * 3 // 4,
        "ratings_solved": ratings * 3 // 5, "ends_solved": completed * 93 // 100,
        "handovers": received // 9, "sent_back_and_forth": received // 60,
    }  # fmt: skip
    found = {name: count(name, value, as_of) for name, value in parts.items()}
    for name, above, below in (
        ("online_share", "received_online", received),
        ("digitised_share", "received_digitised", received),
        ("vneid_share", "received_vneid", received),
        ("cashless_share", "received_cashless", fees),
        ("rating_mean", "rating_sum", ratings),
        ("solved_share", "ratings_solved", parts["ratings_with_answer"]),
        ("ends_solved_share", "ends_solved", completed),
    ):
        found[name] = rate(name, parts[above], below, as_of)
    return found


def bands(overdue: int, as_of: datetime) -> dict[str, Figure]:
    """The overdue by delay."""
    shares = split(overdue, (31, 27, 22, 14, 6))
    return {name: count(name, value, as_of) for name, value in zip(BANDS, shares, strict=True)}
