"""Every statement of every dashboard runs over the demo city, by the plugin's rules, and gives what its panel shows."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import pytest

from dashboards.grafana.build import dashboards
from tests.grafana.asked import ALL, Asked, asked, panels
from tests.grafana.city import DemoCity
from tests.grafana.plugin.frames import Answer, frames

MAY_BE_EMPTY: Final = ("caseclock-pipeline",)
"""Dashboards about troubles, which a city without troubles does not have."""


@pytest.fixture(scope="module")
def busiest(demo_city: DemoCity) -> str:
    """The unit with the most overdue cases of its own."""
    sql = (
        "SELECT unit_id FROM v_units_now WHERE scope = 'own' AND unit_id != '*' ORDER BY overdue DESC LIMIT 1"
    )
    return str(demo_city.query(sql).rows[0][0])


Answered = Callable[[str], Sequence[tuple[Asked, Answer]]]


@pytest.fixture(scope="module")
def answered(demo_city: DemoCity, busiest: str) -> Answered:
    """Every statement of a dashboard with its answer, asked once."""

    @cache
    def ask(uid: str) -> Sequence[tuple[Asked, Answer]]:
        values = {"unit": [busiest], "kind": [ALL], "parent": [ALL]}
        return [(each, demo_city.query(each.sql)) for each in asked(dashboards()[uid], values)]

    return ask


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_every_statement_runs_and_gives_what_its_panel_needs(answered: Answered, uid: str) -> None:
    by_id: dict[int, Any] = {panel["id"]: panel for panel in panels(dashboards()[uid])}
    empty = []
    for statement, answer in answered(uid):
        frames(answer, statement.query_format)
        if not answer.rows:
            empty.append(str(statement))
        if statement.panel:
            overrides = by_id[statement.panel]["fieldConfig"]["overrides"]
            missing = {each["matcher"]["options"] for each in overrides} - set(answer.names)
            assert not missing, (str(statement), missing)
        else:
            assert answer.names == ["value", "text"], str(statement)
    assert uid.startswith(MAY_BE_EMPTY) or empty == []


def test_several_units_of_a_kind_can_be_compared(demo_city: DemoCity, busiest: str) -> None:
    kind = str(demo_city.query(f"SELECT kind FROM units FINAL WHERE unit_id = '{busiest}'").rows[0][0])
    values = {
        "unit": [busiest, "nobody's"],
        "kind": [kind],
        "parent": [ALL],
        "scope": ["own"],
        "period": ["year"],
    }

    for statement in asked(dashboards()["caseclock-compare"], values):
        frames(demo_city.query(statement.sql), statement.query_format)


def test_no_panel_says_who_asked_for_anything_and_no_public_one_who_decides(answered: Answered) -> None:
    for uid in dashboards():
        for statement, answer in answered(uid):
            assert not {"attributes", "lookup_hash", "content"} & set(answer.names), str(statement)
            assert "public" not in uid or not {"officer", "case_id"} & set(answer.names), str(statement)
