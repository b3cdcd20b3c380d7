"""The benchmark's invented city is one that could be: its ledgers add up, and its rows are those of the worker."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import pytest

CASES: Final = 3_000
_GAP: Final = """
SELECT count() AS n FROM v_units_now
WHERE received + transferred_in - transferred_out - completed - withdrawn - declined - stopped != open
"""
_STOCK: Final = """
SELECT unit_id, scope, sum(open) - (SELECT sum(open) FROM v_units_now WHERE unit_id = '*') AS gap FROM v_units_history
WHERE unit_id = 'H26' AND scope = 'tree' AND day = (SELECT max(day) FROM unit_days) GROUP BY unit_id, scope
"""
_AS_IT_RAN: Final = """
SELECT countIf(elapsed_s < 0) AS backwards, countIf(stock = '' AND status = 'processing') AS nowhere,
    count() AS n
FROM cases_at(at = now64(6))
"""


def filled(folder: str) -> dict[str, dict[str, list[Any]]]:
    """Fill an engine and ask it; in a process of its own, for an engine knows one folder in its life."""
    from bench.board.data import fill, write_city  # noqa: PLC0415  # only in that process
    from sinks.clickhouse.client import ClickHouse  # noqa: PLC0415  # as above

    store = ClickHouse(f"chdb://{folder}/store")
    fill(store, write_city(Path(folder) / "city"), CASES, lambda _line: None)
    asked = {"gap": _GAP, "stock": _STOCK, "ran": _AS_IT_RAN, "cases": "SELECT count() AS n FROM cases"}
    found = {name: dict(store.columns(query)) for name, query in asked.items()}
    store.close()
    return found


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, list[Any]]]]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        yield alone.submit(filled, str(tmp_path_factory.mktemp("bench"))).result()


def test_every_ledger_adds_up(answers: dict[str, dict[str, list[Any]]]) -> None:
    assert answers["cases"]["n"] == [CASES]
    assert answers["gap"]["n"] == [0]


def test_the_days_lead_to_the_stock_of_now(answers: dict[str, dict[str, list[Any]]]) -> None:
    assert answers["stock"]["gap"] == [0]


def test_clocks_run_forwards_and_every_open_case_has_a_place(
    answers: dict[str, dict[str, list[Any]]],
) -> None:
    ran = answers["ran"]

    assert ran["n"] == [CASES]
    assert (ran["backwards"], ran["nowhere"]) == ([0], [0])
