"""The summaries, counted one by one: a unit's numbers for one value of a dimension over one period (domain.md §6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from tests.oracle.model import Event, words
from tests.oracle.numbers import EVERYTHING, is_within, mean, quantile, rate, seconds, units_of
from tests.oracle.told import WORKING_DAY, Told, tell_all

__all__ = ["anomalies", "cells", "pairs", "tell_all"]

Inside = Callable[[str | None], bool]
Row = dict[str, Any]

PERIODS = ("today", "7d", "30d", "month", "quarter", "year", "all")
DIMENSIONS = ("", "procedure", "channel", "kind", "cause", "step", "aspect")
OF_PARTS = ("step", "aspect")
P50, P90 = Fraction(1, 2), Fraction(9, 10)


def numbers(cases: list[Told], inside: Inside, dimension: str, value: str, period: str, tree: bool) -> Row:
    """Every number of the cell, over the units that are inside. With ``tree`` (or of everything) hand-overs count
    across the border."""
    mine = cases if dimension in ("", *OF_PARTS) else [t for t in cases if t.value(dimension) == value]
    moved = [] if dimension in OF_PARTS else mine
    here = [t for t in cases if t.value("step") == value] if dimension == "step" else moved
    row = stock(here, inside)
    row |= flow(moved, inside, period, tree)
    row |= ends(moved, inside, period)
    row |= voice(
        [] if dimension == "step" else mine, inside, period, value if dimension == "aspect" else None
    )
    row |= held(
        cases if dimension in ("", "step") else [], inside, period, value if dimension == "step" else None
    )
    row |= of_the_unit(cases if dimension == "" else [], inside, period)
    row["judged"] = row["completed"] + row["overdue"]
    row["late_or_overdue"] = row["completed_late"] + row["overdue"]
    row["late_without_cause"] += sum(
        t.cause == "" and t.case.overdue and inside(t.case.unit_id) for t in moved
    )
    row["carried_over"] = None
    if dimension == "":
        row["carried_over"] = sum(
            1 for t in cases for unit in [holder_before(t, period)] if unit is not None and inside(unit)
        )
    for name, (part, whole) in RATES.items():
        row[name] = rate(row[part], row[whole])
    return row


RATES = {
    "on_time_rate": ("completed_in_time", "completed"),
    "on_time_rate_strict": ("completed_in_time", "judged"),
    "late_first_promise_rate": ("late_first_promise", "completed"),
    "rating_mean": ("rating_sum", "ratings"),
    "solved_share": ("ratings_solved", "ratings_with_answer"),
    "ends_solved_share": ("ends_solved", "completed"),
    "late_without_cause_share": ("late_without_cause", "late_or_overdue"),
    "online_share": ("received_online", "received"),
    "digitised_share": ("received_digitised", "received"),
    "cashless_share": ("received_cashless", "received_fee_due"),
    "vneid_share": ("received_vneid", "received"),
}


def holder_before(told: Told, period: str) -> str | None:
    """Who held the open case when the period began, by what happened before."""
    holder = None
    moves = [(f.at, f.column, f.unit) for f in told.case.flows if f.column != "transferred_out"]
    for at, column, unit in moves:
        if not told.happened_in(period, at):
            holder = unit if column in ("received", "transferred_in", "reopened") else None
    return holder


def flow(cases: list[Told], inside: Inside, period: str, tree: bool) -> Row:
    row: Row = dict.fromkeys(
        words(
            "received reopened completed_early completed_on_time completed_late withdrawn declined stopped "
            "late_first_promise transferred_in transferred_out handovers sent_back_and_forth late_without_cause "
            "received_online received_digitised received_fee_due received_cashless received_vneid"
        ),
        0,
    )
    for told in cases:
        case = told.case
        for each in case.flows:
            if each.column.startswith("transferred"):
                continue
            if told.happened_in(period, each.at) and inside(each.unit):
                row[each.column] += each.n
                row["late_without_cause"] += each.column == "completed_late" and told.cause == ""
        received = case.received_at is not None and told.happened_in(period, case.received_at)
        if received and inside(case.receiving_unit):
            attributes = case.attributes
            fee = attributes.get("fee_due") is True
            row["received_online"] += case.channel == "online"
            row["received_digitised"] += attributes.get("digitised") is True
            row["received_fee_due"] += fee
            row["received_cashless"] += fee and attributes.get("paid_online") in ("national", "local")
            row["received_vneid"] += attributes.get("vneid") is True
        sent_back = False
        for old, new, at, back in told.moves():
            if told.happened_in(period, at):
                row["transferred_out"] += inside(old) and not (tree and inside(new))
                row["transferred_in"] += inside(new) and not (tree and inside(old))
                row["handovers"] += inside(old)
                sent_back |= back and inside(old)
        row["sent_back_and_forth"] += sent_back
        row["late_first_promise"] += sum(told.happened_in(period, at) and inside(u) for u, at in told.broken)
    row["completed_in_time"] = row["completed_early"] + row["completed_on_time"]
    row["completed"] = row["completed_in_time"] + row["completed_late"]
    return row


def stock(cases: list[Told], inside: Inside) -> Row:
    opened = [t for t in cases if t.case.column is not None and inside(t.case.unit_id)]
    waiting = [t.case for t in cases if t.case.awaiting and inside(t.case.registering_unit)]
    columns = Counter(t.case.column for t in opened)
    late = [t.case.late_us for t in opened if t.case.overdue]
    ages = [t.case.elapsed_us for t in opened]

    def between(low: int, high: float) -> int:
        return sum(low * WORKING_DAY < us <= high * WORKING_DAY for us in late)

    return {
        "open": len(opened),
        **{c: columns[c] for c in ("in_time", "due_soon", "overdue", "suspended", "no_deadline")},
        "overdue_to_1_day": between(-1, 1),
        "overdue_to_3_days": between(1, 3),
        "overdue_to_10_days": between(3, 10),
        "overdue_to_30_days": between(10, 30),
        "overdue_over_30_days": between(30, float("inf")),
        "suspended_beyond_limit": sum(t.too_long for t in opened),
        "awaiting": len(waiting),
        "awaiting_overdue": sum(case.awaiting_overdue for case in waiting),
        "waiting_on_others": sum(t.waits_for is not None for t in opened),
        "inherited_overdue": sum(t.inherited_from is not None for t in opened),
        "open_age_p50_s": seconds(quantile(ages, P50)),
        "open_age_p90_s": seconds(quantile(ages, P90)),
        "oldest_open_s": seconds(max(ages, default=None)),
        "worst_overdue_s": seconds(max(late, default=None)),
    }


def ends(cases: list[Told], inside: Inside, period: str) -> Row:
    """Speed and outcome of cases that stand completed, by when they were."""
    held_here = [t for t in cases if inside(t.case.unit_id)]
    done = [t for t in held_here if t.case.timeliness is not None and t.happened_in(period, t.end_counts_at)]
    worked = [t.case.elapsed_us for t in done]
    clock = [max(0, (t.case.ended_at or 0) - (t.case.received_at or 0)) for t in done]
    return {
        "processing_n": len(done),
        "processing_sum_s": seconds(sum(worked)) if done else None,
        "processing_mean_s": seconds(mean(worked)),
        "processing_p50_s": seconds(quantile(worked, P50)),
        "processing_p90_s": seconds(quantile(worked, P90)),
        "clock_sum_s": seconds(sum(clock)) if done else None,
        "clock_mean_s": seconds(mean(clock)),
        "clock_p50_s": seconds(quantile(clock, P50)),
        "clock_p90_s": seconds(quantile(clock, P90)),
        "ends_solved": sum(t.outcome in ("granted", "resolved") for t in done),
    }


def voice(cases: list[Told], inside: Inside, period: str, aspect: str | None) -> Row:
    """What citizens say, of one aspect or (None) of any, by the last event of their case."""
    heard = [
        (score, solved)
        for t in cases
        if inside(t.case.unit_id) and t.happened_in(period, t.last_event_at)
        for score, solved, named in t.case.ratings
        if aspect in (None, named or "")
    ]
    return {
        "ratings": len(heard),
        "rating_sum": sum(score for score, _ in heard),
        "ratings_with_answer": sum(solved is not None for _, solved in heard),
        "ratings_solved": sum(solved is True for _, solved in heard),
    }


def held(cases: list[Told], inside: Inside, period: str, step: str | None) -> Row:
    stays = [
        stay.working_us
        for t in cases
        for stay in t.case.stays
        if inside(stay.unit) and t.happened_in(period, stay.end) and step in (None, stay.step or "")
    ]
    return {
        "holding_n": len(stays),
        "holding_p50_s": seconds(quantile(stays, P50)),
        "holding_p90_s": seconds(quantile(stays, P90)),
    }


def of_the_unit(cases: list[Told], inside: Inside, period: str) -> Row:
    asked = [(t, c) for t in cases for c in t.case.consultations if inside(c.unit)]
    answered = [c for t, c in asked if c.answered_at is not None and t.happened_in(period, c.answered_at)]
    moments = [0]
    for told in cases:
        case = told.case
        moments += [told.last_event_at] if inside(case.unit_id) else []
        moments += [case.received_at] if case.received_at is not None and inside(case.receiving_unit) else []
        moments += (
            [case.registered_at] if case.registered_at is not None and inside(case.registering_unit) else []
        )
        moments += [stay.end for stay in case.stays if inside(stay.unit)]
    return {
        "consultations_open": sum(c.answered_at is None for _, c in asked),
        "consultations_overdue": sum(c.answered_at is None and c.overdue for _, c in asked),
        "consultations_answered": len(answered),
        "consultations_answered_late": sum(c.overdue for c in answered),
        "anomalies": sum(len(t.case.anomalies) for t in cases if inside(t.case.unit_id)),
        "last_event_us": max(moments),
    }


def cells(
    cases: list[Told], parents: Mapping[str, str | None]
) -> Iterator[tuple[tuple[str, str, str, str, str], Row]]:
    """(dimension, unit, scope, period, value) and the numbers of every cell that could hold something."""
    known = sorted(
        set(parents).union(*(units_of(t.case) | {c.unit for c in t.case.consultations} for t in cases))
    )
    where: list[tuple[str, str, Inside, bool]] = [(EVERYTHING, "own", lambda _: True, True)]
    for unit in known:
        where.append((unit, "own", lambda u, unit=unit: u == unit, False))  # type: ignore[misc]
        where.append((unit, "tree", lambda u, unit=unit: is_within(u, unit, parents), True))  # type: ignore[misc]
    for dimension in DIMENSIONS:
        values = {""}
        if dimension != "aspect":
            values |= {t.value(dimension) for t in cases}
        else:
            values |= {aspect or "" for t in cases for _, _, aspect in t.case.ratings}
        if dimension == "step":
            values |= {stay.step or "" for t in cases for stay in t.case.stays}
        for unit, scope, inside, tree in where:
            for period in PERIODS:
                for value in sorted(values):
                    yield (
                        (dimension, unit, scope, period, value),
                        numbers(cases, inside, dimension, value, period, tree),
                    )


Pair = tuple[str, str, str]


def pairs(cases: list[Told]) -> dict[Pair, Row]:
    """(who waits, asks or hands over, for or to whom, period) and the numbers between them."""
    names = words(
        "waiting asked asked_open asked_overdue answered_late handed_over handed_back inherited_overdue"
    )
    rows: dict[Pair, Row] = {}

    def row(unit: str | None, other: str, period: str) -> Row:
        return rows.setdefault(
            (unit or "", other, period), dict.fromkeys(names, 0) | {"waiting_worst_s": None}
        )

    for t in cases:
        case = t.case
        for period in PERIODS:
            if t.waits_for is not None:
                waits = row(case.unit_id, t.waits_for, period)
                waits["waiting"] += 1
                still = seconds(case.waits[-1].working_us) or 0
                waits["waiting_worst_s"] = max(still, waits["waiting_worst_s"] or 0)
            if t.inherited_from is not None:
                row(t.inherited_from, case.unit_id or "", period)["inherited_overdue"] += 1
            for old, new, at, back in t.moves():
                if t.happened_in(period, at):
                    row(old, new, period)["handed_over"] += 1
                    row(old, new, period)["handed_back"] += back
            for c in case.consultations:
                before = case.received_at is None or c.asked_at < case.received_at
                asker = case.registering_unit if before else c.asked_by
                if t.happened_in(period, c.asked_at):
                    row(asker, c.unit, period)["asked"] += 1
                if c.answered_at is None:
                    row(asker, c.unit, period)["asked_open"] += 1
                    row(asker, c.unit, period)["asked_overdue"] += c.overdue
                elif c.overdue and t.happened_in(period, c.answered_at):
                    row(asker, c.unit, period)["answered_late"] += 1
    return rows


def anomalies(cases: list[Told], events: Iterable[Event]) -> Counter[tuple[str, str, str]]:
    """(unit or source, its id, kind): how many."""
    sources: dict[str, set[str]] = {}
    for event in events:
        sources.setdefault(event["case_id"], set()).add(event["source"])
    found: Counter[tuple[str, str, str]] = Counter()
    for t in cases:
        for kind in t.case.anomalies:
            found["unit", t.case.unit_id or "", kind] += 1
            found["unit", EVERYTHING, kind] += 1
            for source in sources[t.case.case_id]:
                found["source", source, kind] += 1
    return found
