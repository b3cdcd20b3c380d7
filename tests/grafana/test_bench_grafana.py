"""The benchmark of the dashboards asks every statement, and tells the slowest."""

import pytest

from bench.grafana import _statements, results
from dashboards.grafana.build import dashboards
from tests.grafana.asked import panels


def test_every_panel_and_variable_is_measured_with_several_choices_under_a_name_of_its_own() -> None:
    names = [name for name, _ in _statements()]

    assert len(set(names)) == len(names)
    for uid, dashboard in dashboards().items():
        short = uid.removeprefix("caseclock-")
        asking = [panel["id"] for panel in panels(dashboard) if panel.get("targets")]
        if not uid.endswith("-en"):
            assert {f"{short} {number}" for number in asking} <= {
                " ".join(name.split()[:2]) for name in names
            }


def test_no_macro_and_no_variable_is_left_in_what_is_measured() -> None:
    assert [name for name, sql in _statements() if "$" in sql] == []


def test_the_slowest_statement_is_named_and_those_beyond_the_goal_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = results({"fast": [(10.0, 5.0)] * 20, "slow": [(310.0, 90.0)] * 20}, 1_000)

    assert found["grafana_panel_p95_ms"].value == 310
    assert found["grafana_panel_p95_ms"].peer == "slowest: slow; 1,000 cases"
    assert found["grafana_panels_over_goal"].value == 1
    assert found["grafana_processor_ms"].value == 90
    assert "slow" in capsys.readouterr().err
