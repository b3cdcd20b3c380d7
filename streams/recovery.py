"""A partition's book from what stands in the store (architecture rule 7).

Live cases come back as ledgers, ended ones as sums; the sums of the day rows are compared with the rows that were
written, and what differs (a worker died between two inserts, partitions were added) is written anew.
"""

from __future__ import annotations

from schemas.columns import FLOW, FLOWS, UNIT_DAY_COLUMNS
from schemas.stored import LiveCase, Recovery
from streams.archive import Archive
from streams.book import CaseBook
from streams.case import Standing
from streams.rules import Rules
from streams.tally import Tally
from streams.worktime import WorkingTime

_COLUMN = {name: place for place, name in enumerate(UNIT_DAY_COLUMNS)}
_FIRST_COUNT = _COLUMN[FLOWS[0]]


def recovered(
    partition: int, rules: Rules, found: Recovery, now: int, hot_cases: int, ended_cases: int
) -> CaseBook:
    """The book at ``now``, from rows that were written at any time before."""
    anything = bool(found.live or found.flows or len(found.archive))
    book = CaseBook(partition, rules, now if anything else 0, hot_cases, ended_cases)
    book.archive = Archive(found.archive)
    _restore_totals(book.tally, rules, found)
    for case in found.live:
        book.restore(case.case_id, case.ledger, case.wake_at)
    book.catch_up()  # first: a day that only time has changed was written, the case's row was not
    _compare_days(book, found)
    return book


def _restore_totals(tally: Tally, rules: Rules, found: Recovery) -> None:
    calendars = {calendar.version: calendar for calendar in rules.calendars()}
    for case in found.live:
        if case.column:
            calendar = calendars.get(case.calendar, rules.default_calendar)
            tally.unit(case.column_unit).change(_standing(case, calendar), 1)
    tally.add_flows(found.flows)
    for unit, n in found.anomalies:
        tally.unit(unit).anomalies += n
    for unit, column, late_first, n in found.ended:
        totals = tally.unit(unit)
        totals.counts[FLOW[column]] += n
        totals.late_first += n * late_first
    for unit, bucket, n, total in found.processing:
        tally.unit(unit).processing.merge_bucket(bucket, n, total)


def _standing(case: LiveCase, calendar: WorkingTime) -> Standing:
    return Standing(
        "",
        0,
        case.column_unit,
        FLOW[case.column],
        case.late_first_promise,
        calendar,
        case.running,
        case.age,
        case.late,
    )


def _compare_days(book: CaseBook, found: Recovery) -> None:
    """Mark the days whose rows say something else than the cases do."""
    tally = book.tally
    right = set()
    for row in found.days:
        key = (row[_COLUMN["unit_id"]], row[_COLUMN["day"]])
        written = list(row[_FIRST_COUNT : _FIRST_COUNT + len(FLOWS)])
        if tally.counts_of(key) == written:
            right.add(key)
        if row[_COLUMN["corrected_at"]]:
            book.restore_day(*key, row[_COLUMN["corrected_at"]])
        book.caught_up_until = max(book.caught_up_until, row[_COLUMN["caught_up_until"]])
    tally.forget_changes(right)
