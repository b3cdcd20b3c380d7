"""What a panel shows is what the board shows of the same moment."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from dashboards.board.model.facts import WHOLE_CITY, Figures, Scope
from dashboards.grafana.boards.shared import SPEED
from dashboards.grafana.build import dashboards
from schemas.period import Period
from schemas.registry import LEDGER_IN, LEDGER_OUT, OVERDUE_BANDS, STOCK_PARTS
from tests.grafana.asked import asked
from tests.grafana.small_city import BIG, SmallCity, small_city_in

DAY_S: Final = 8 * 3600
HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
PERIODS: Final[tuple[Period, ...]] = ("today", "30d", "year")
UNITS: Final = ("H26", *BIG)
SCOPES: Final[tuple[Scope, ...]] = ("own", "tree")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCity]:
    with small_city_in(tmp_path_factory.mktemp("small-city")) as made:
        yield made


def statement(uid: str, has: str, values: Mapping[str, str] | None = None) -> str:
    """The SQL of a dashboard's first panel that begins with, or else that holds, a text."""
    chosen = {name: [value] for name, value in (values or {}).items()}
    found = [each.sql for each in asked(dashboards()[uid], chosen) if each.panel and has in each.sql]
    return next((sql for sql in found if sql.startswith(has)), found[0])


def day_of(moment: Any) -> date:
    assert isinstance(moment, datetime)
    return moment.astimezone(HANOI).date()


def near(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) < 1e-6


def running(stock: Mapping[str, Any]) -> dict[str, Any]:
    """The stock with those due soon among those in time: made-up days do not tell them apart, units now do."""
    together = dict(stock)
    return together | {"in_time": stock["in_time"] + together.pop("due_soon"), "due_soon": None}


def assert_promise(city: SmallCity, uid: str, figures: Figures, values: Mapping[str, str]) -> None:
    for name in ("on_time_rate", "completed", "overdue", "on_time_rate_strict"):
        shown = city.row(statement(uid, f"SELECT {name} FROM", values))
        assert near(shown[name], figures[name].value), (uid, name, values)


def assert_trend(city: SmallCity, uid: str, unit: str, scope: Scope, values: Mapping[str, str]) -> None:
    days = {day.day: day.numbers for day in city.board.trend(unit, scope, 30)}
    stock = city.query(statement(uid, "open, overdue FROM", values)).rows
    flow = city.query(statement(uid, "AS came", values)).rows
    assert {day_of(row[0]): row[1:] for row in stock} == {
        day: (numbers["open"], numbers["overdue"]) for day, numbers in days.items()
    }
    assert {day_of(row[0]): row[1:] for row in flow} == {
        day: (sum(numbers[name] for name in LEDGER_IN), sum(numbers[name] for name in LEDGER_OUT))
        for day, numbers in days.items()
    }


@pytest.mark.parametrize("uid", ["caseclock-city", "caseclock-public-city", "caseclock-public-units"])
def test_the_citys_promise_is_that_of_the_board(city: SmallCity, uid: str) -> None:
    assert_promise(city, uid, city.board.period(WHOLE_CITY, "own", "30d"), {})


@pytest.mark.parametrize("uid", ["caseclock-city", "caseclock-public-city"])
def test_the_citys_stock_and_trend_are_those_of_the_board(city: SmallCity, uid: str) -> None:
    now = city.board.now(WHOLE_CITY, "own")

    shown = city.row(statement(uid, "SELECT in_time, due_soon"))

    assert running(shown) == running({name: now[name].value for name in STOCK_PARTS})
    assert_trend(city, uid, WHOLE_CITY, "own", {})


def test_the_citys_speed_is_that_of_the_board(city: SmallCity) -> None:
    figures = city.board.period(WHOLE_CITY, "own", "30d")

    shown = city.row(statement("caseclock-city", "processing_p50_days"))

    for name in SPEED:
        wanted = figures[name].value
        assert near(shown[name.removesuffix("_s") + "_days"], None if wanted is None else wanted / DAY_S), (
            name
        )


def test_the_units_that_lag_are_those_of_the_board_with_the_same_reasons(city: SmallCity) -> None:
    wanted = city.board.lagging("30d", 10)

    shown = city.query(
        "SELECT unit_id, overdue_share, reason, about, n, of_n FROM v_public_lagging(period='30d', most=10)"
    )

    assert {row[0]: row[1:] for row in shown.rows} == {
        each.unit.code: (each.overdue_share, each.reason, each.about, each.reason_n, each.of_n)
        for each in wanted
    }
    assert shown.rows, "nobody lags: nothing was compared"


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_units_promise_is_that_of_the_board_over_every_period(
    city: SmallCity, unit: str, scope: Scope
) -> None:
    for period in PERIODS:
        values = {"unit": unit, "scope": scope, "period": period}
        assert_promise(city, "caseclock-unit", city.board.period(unit, scope, period), values)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_units_stock_ages_and_trend_are_those_of_the_board(
    city: SmallCity, unit: str, scope: Scope
) -> None:
    values = {"unit": unit, "scope": scope, "period": "30d"}
    now, bands = city.board.now(unit, scope), city.board.bands(unit, scope)

    shown = city.row(statement("caseclock-unit", "SELECT in_time, due_soon", values))

    assert running(shown) == running({name: now[name].value for name in STOCK_PARTS})
    assert city.row(statement("caseclock-unit", "overdue_to_1_day", values)) == {
        name: bands[name].value for name in OVERDUE_BANDS
    }
    assert_trend(city, "caseclock-unit", unit, scope, values)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("unit", UNITS)
def test_the_list_of_overdue_cases_has_every_case_that_is_counted_overdue(
    city: SmallCity, unit: str, scope: Scope
) -> None:
    sql = statement("caseclock-unit", "overdue_cases(", {"unit": unit, "scope": scope})
    counted = city.board.now(unit, scope)["overdue"].value
    assert counted is not None

    shown = city.query(sql)

    ids = [row[shown.names.index("case_id")] for row in shown.rows]
    truth = city.query(
        f"SELECT case_id FROM v_cases WHERE overdue AND case_id IN ({','.join(map(repr, ids or ['']))})"
    )
    assert len(ids) == len(set(ids)) == min(100, counted)
    assert {row[0] for row in truth.rows} == set(ids)


def test_a_case_that_moved_on_is_not_listed_though_its_old_row_is_still_there(city: SmallCity) -> None:
    asked_for = "SELECT case_id FROM overdue_cases(unit = 'H26', scope = 'tree', most = 100)"
    case_id = str(city.query(asked_for).rows[0][0])
    before = "SELECT * REPLACE ({} AS status, 0 AS live, version + 1 AS version) FROM cases FINAL WHERE case_id = '{}'"
    city.store.command("SYSTEM STOP MERGES cases")
    city.store.command("INSERT INTO cases " + before.format("'withdrawn'", case_id))

    shown = {row[0] for row in city.query(asked_for).rows}

    assert case_id not in shown
    assert city.query(f"SELECT count() FROM cases WHERE case_id = '{case_id}'").rows == [(2,)]


@pytest.mark.parametrize("period", ["30d", "quarter"])
@pytest.mark.parametrize("scope", SCOPES)
def test_compared_units_have_the_boards_numbers(city: SmallCity, scope: Scope, period: Period) -> None:
    sql = statement(
        "caseclock-compare", "SELECT unit_name AS unit, unit_id", {"scope": scope, "period": period}
    )

    shown = city.query(sql)

    rows: dict[Any, dict[str, Any]] = {
        row[shown.names.index("unit_id")]: dict(zip(shown.names, row, strict=True)) for row in shown.rows
    }
    assert len(rows) > 400
    for unit in BIG:
        wanted = city.board.period(unit, scope, period)
        for name in ("received", "completed", "on_time_rate", "on_time_rate_strict", "open", "overdue"):
            assert near(rows[unit][name], wanted[name].value), (unit, name)
