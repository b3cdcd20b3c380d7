"""The checks by Grafana's own types and registries: the committed dashboards pass, and each check bites."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scripts.grafana.checks import Finding, check
from scripts.grafana.node import NodeMissingError, typed
from tests.grafana.sound import BARS, LINES, STAT, TABLE, TEXT, sound
from tests.missing import missing

COMMITTED = Path(__file__).parents[2] / "dashboards" / "grafana" / "provisioning" / "dashboards" / "json"

UNTESTED = "the dashboards against Grafana's own types"


class Fault(NamedTuple):
    """What is planted where, and which check must find it."""

    check: str
    panel: int | None
    path: str
    value: object


FAULTS: Mapping[str, Fault] = {
    "a misspelt option": Fault("types", STAT, "options.colourMode", "value"),
    "a misspelt key of a panel": Fault("types", STAT, "descripton", "…"),
    "a misspelt field option": Fault("types", STAT, "fieldConfig.defaults.decimal", 1),
    "a misspelt option of lines": Fault("types", LINES, "fieldConfig.defaults.custom.lineWidht", 2),
    "a word that no draw style has": Fault("types", LINES, "fieldConfig.defaults.custom.drawStyle", "lines"),
    "a word that no legend has": Fault("types", LINES, "options.legend.displayMode", "rows"),
    "a word that no cell has": Fault(
        "types", TABLE, "fieldConfig.overrides.0.properties.2.value.type", "color"
    ),
    "a word that no threshold mode is": Fault(
        "types", STAT, "fieldConfig.defaults.thresholds.mode", "absolut"
    ),
    "a text for a number": Fault("types", LINES, "fieldConfig.defaults.custom.lineWidth", "2"),
    "a number for a text": Fault("types", None, "refresh", 30),
    "an option of another type of panel": Fault("types", BARS, "options.graphMode", "none"),
    "an unknown type of panel": Fault("types", STAT, "type", "gauge2"),
    "a misspelt override": Fault(
        "types", LINES, "fieldConfig.overrides.0.properties.0.id", "custom.lineStile"
    ),
    "an override with a wrong value": Fault("types", TABLE, "fieldConfig.overrides.0.properties.0.value", 5),
    "a format that the query type is not": Fault("types", LINES, "targets.0.format", 1),
    "another data source": Fault("types", STAT, "targets.0.datasource.type", "prometheus"),
    "an unknown unit": Fault("ids", STAT, "fieldConfig.defaults.unit", "bitz"),
    "an unknown unit in an override": Fault(
        "ids", TABLE, "fieldConfig.overrides.0.properties.0.value", "percents"
    ),
    "an unknown matcher": Fault("ids", LINES, "fieldConfig.overrides.0.matcher.id", "byTitle"),
    "an unknown reducer": Fault("ids", STAT, "options.reduceOptions.calcs", ["lastNotNul"]),
    "an unknown reducer in a legend": Fault("ids", LINES, "options.legend.calcs", ["newest"]),
    "an unknown transformation": Fault("ids", TABLE, "transformations.0.id", "organise"),
    "an unknown colour mode": Fault("ids", BARS, "fieldConfig.defaults.color.mode", "palette"),
    "an unknown colour": Fault("ids", STAT, "fieldConfig.defaults.thresholds.steps.1.color", "semi-blue"),
    "thresholds that fall": Fault("ids", STAT, "fieldConfig.defaults.thresholds.steps.1.value", None),
    "a panel past the last column": Fault("grid", TABLE, "gridPos.x", 17),
    "a panel over another": Fault("grid", BARS, "gridPos.x", 7),
    "a panel without a height": Fault("grid", TEXT, "gridPos.h", 0),
    "a panel with the id of another": Fault("grid", BARS, "id", 1),
    "a panel without an id": Fault("grid", BARS, "id", 0),
    "a misspelt key of the dashboard": Fault("round trip", None, "refesh", "30s"),
    "a misspelt key of a variable": Fault("round trip", None, "templating.list.0.lable", "Đơn vị"),
    "a key that a query does not have": Fault("round trip", STAT, "targets.0.rawSQL", "SELECT 1"),
}


@pytest.fixture(scope="module", name="found")
def _found() -> dict[str, list[Finding]]:
    """By uid what is found: the sound dashboard, a copy for each fault, the committed ones; one run of Node."""
    planted = {name: _planted(name, fault) for name, fault in FAULTS.items()}
    committed = [json.loads(file.read_bytes()) for file in sorted(COMMITTED.glob("*/*.json"))]
    try:
        every = check([sound(), *planted.values(), *committed])
    except NodeMissingError as absent:
        missing(UNTESTED, str(absent))
    uids = {one["uid"] for one in (sound(), *planted.values(), *committed)}
    return {uid: [each for each in every if each.dashboard == uid] for uid in uids}


def _planted(uid: str, fault: Fault) -> dict[str, Any]:
    dashboard = sound() | {"uid": uid}
    *way, last = (int(key) if key.isdigit() else key for key in fault.path.split("."))
    place = _part(dashboard, fault)
    for key in way:
        place = place[key]
    place[last] = fault.value
    return dashboard


def _part(dashboard: dict[str, Any], fault: Fault) -> Any:
    return dashboard if fault.panel is None else dashboard["panels"][fault.panel]


def test_a_sound_dashboard_has_no_findings(found: dict[str, list[Finding]]) -> None:
    assert found["sound"] == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_by_its_check(name: str, found: dict[str, list[Finding]]) -> None:
    fault = FAULTS[name]

    panel = _part(_planted(name, fault), fault).get("id")

    there = [
        each
        for each in found[name]
        if (each.check, each.panel) == (fault.check, panel)
        and f"{fault.path}.".startswith(f"{each.path}.".lstrip("."))
    ]

    assert there, found[name]


def test_the_committed_dashboards_are_what_grafana_takes(found: dict[str, list[Finding]]) -> None:
    committed = {uid: each for uid, each in found.items() if uid.startswith("caseclock-")}

    assert committed, f"no dashboards under {COMMITTED}"
    assert {uid: each for uid, each in committed.items() if each} == {}


def test_the_sources_that_check_and_draw_fit_grafanas_types() -> None:
    try:
        typed()
    except NodeMissingError as absent:
        missing(UNTESTED, str(absent))
