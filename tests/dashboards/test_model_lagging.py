"""Which units lag, and for what reason."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.board.model.counts import PERIOD
from dashboards.board.model.facts import Pair
from dashboards.board.model.lagging import Known, Reason, reason, worst
from schemas.summary import COUNTS, NUMBER_COLUMNS
from sinks.clickhouse.board_summaries import CellRow


def ledger(**numbers: int) -> dict[str, int]:
    usual = {"open": 20, "overdue": 10, "late_or_overdue": 10, "received": 50, "completed": 50}
    return dict.fromkeys(PERIOD, 0) | usual | numbers


def cell(value: str = "", **numbers: Any) -> CellRow:
    nothing = {name: 0 if name in COUNTS else None for name in NUMBER_COLUMNS}
    return CellRow("", "ward", value, nothing | numbers, frozenset())


def pair(other: str, waiting: int) -> Pair:
    return Pair("ward", other, waiting, None, 0, 0, 0, 0, 0, 0, 0)


def known(**parts: Any) -> Known:
    usual = {"ledger": ledger(), "cell": cell(late_or_overdue=10), "pairs": (), "causes": (), "steps": ()}
    return Known(**usual | parts)


def test_units_lag_by_their_share_of_overdue_and_only_with_five_open() -> None:
    ledgers = {
        "few": ledger(open=4, overdue=4),
        "half": ledger(open=10, overdue=5),
        "most": ledger(open=5, overdue=4),
        "none": ledger(open=90, overdue=0),
        "also": ledger(open=20, overdue=10),
    }

    assert worst(ledgers, 10) == ["most", "also", "half"]
    assert worst(ledgers, 1) == ["most"]


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({"pairs": [pair("fire", 3), pair("land", 8)]}, Reason("waiting_on", "land", 8, 20)),
        (
            {"ledger": ledger(suspended=9), "cell": cell(waiting_on_others=2)},
            Reason("supplements", "", 7, 20),
        ),
        ({"ledger": ledger(received=100)}, Reason("inflow", "", 50, 100)),
        ({"cell": cell(inherited_overdue=6)}, Reason("inherited", "", 6, 10)),
        (
            {
                "cell": cell(late_or_overdue=10),
                "causes": [cell("", late_or_overdue=6), cell("workload", late_or_overdue=4)],
            },
            Reason("cause", "workload", 4, 10),
        ),
        (
            {
                "steps": [
                    cell("sign", holding_p90_s=9, overdue=1),
                    cell("review", holding_p90_s=90, overdue=7),
                ]
            },
            Reason("step", "review", 7, 10),
        ),
        ({"cell": cell(late_or_overdue=10, late_without_cause=9)}, Reason("no_cause", "", 9, 10)),
        ({"cell": None}, Reason("unknown", "", 0, 0)),
    ],
)
def test_a_reason_is_told_with_its_cases(parts: dict[str, Any], wanted: Reason) -> None:
    assert reason(known(**parts)) == wanted


def test_the_strongest_of_several_reasons_is_told() -> None:
    found = reason(known(cell=cell(inherited_overdue=9), pairs=[pair("land", 8)]))

    assert found == Reason("inherited", "", 9, 10)


def test_a_weak_reason_does_not_stand_before_the_missing_causes() -> None:
    found = reason(known(cell=cell(inherited_overdue=1, late_or_overdue=10, late_without_cause=5)))

    assert found == Reason("no_cause", "", 5, 10)


def test_a_hidden_number_gives_no_reason() -> None:
    causes = [cell("workload", late_or_overdue=None)]

    assert (
        reason(known(cell=cell(late_or_overdue=10, late_without_cause=3), causes=causes)).reason == "no_cause"
    )
