"""The committed files are what the code makes, complete in both languages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana.build import PROVISIONING, build, dashboards, drift, folder_of, public_uids
from dashboards.grafana.columns import state_sql, steps
from dashboards.grafana.names import CITY, COMPARE, DATA_SOURCE, FOLDERS, PUBLIC_CITY, PUBLIC_UNITS, UNIT
from dashboards.grafana.query import register
from dashboards.grafana.text import Text
from dashboards.limits import THRESHOLDS, Thresholds
from schemas.registry import REGISTRY
from tests.grafana.asked import panels

MINE: Final = (CITY, UNIT, COMPARE, PUBLIC_CITY, PUBLIC_UNITS)
KINDS: Final = {"stat", "timeseries", "bargauge", "table", "text"}


def both(uid: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = dashboards()
    return found[uid], found[f"{uid}-en"]


def shown_columns(panel: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each column that a panel overrides, with its properties by id."""
    for override in panel["fieldConfig"]["overrides"]:
        yield (
            override["matcher"]["options"],
            {each["id"]: each.get("value") for each in override["properties"]},
        )


def test_the_committed_files_are_what_the_code_makes() -> None:
    assert drift(PROVISIONING) == [], "run `caseclock grafana build` and commit what it writes"


def test_drift_names_what_was_changed_by_hand_what_is_missing_and_what_nobody_makes(tmp_path: Path) -> None:
    build(tmp_path)
    assert drift(tmp_path) == []
    city = tmp_path / "dashboards/json/caseclock/caseclock-city.json"
    city.write_text(city.read_text().replace('"refresh": "30s"', '"refresh": "5s"'))
    (tmp_path / "datasources/caseclock.yaml").unlink()
    (tmp_path / "alerting").mkdir(exist_ok=True)
    (tmp_path / "alerting/old.yaml").write_text("apiVersion: 1\n")

    said = drift(tmp_path)

    assert sorted(line.split(" ")[0] for line in said) == [
        "alerting/old.yaml",
        "dashboards/json/caseclock/caseclock-city.json",
        "datasources/caseclock.yaml",
    ]
    assert len(build(tmp_path)) == 3
    assert drift(tmp_path) == []


@pytest.mark.parametrize("uid", MINE)
def test_a_dashboard_is_there_in_both_languages_with_the_same_panels_in_the_same_places(uid: str) -> None:
    vi, en = both(uid)

    assert [(p["id"], p["type"], p["gridPos"]) for p in vi["panels"]] == [
        (p["id"], p["type"], p["gridPos"]) for p in en["panels"]
    ]
    assert vi["title"] != en["title"]
    assert all(a["title"] != b["title"] for a, b in zip(vi["panels"], en["panels"], strict=True))
    assert not re.search(
        "[ăâđêôơưáàảãạếềểễệ]",
        json.dumps(en["title"] + "".join(p["title"] for p in en["panels"]), ensure_ascii=False),
    )


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_a_dashboard_is_as_grafana_wants_it(uid: str) -> None:
    dashboard = dashboards()[uid]
    ids = [panel["id"] for panel in panels(dashboard)]

    assert len(uid) <= 40
    assert re.fullmatch("[a-z-]+", uid)
    assert dashboard["uid"] == uid
    assert dashboard.get("id") is None
    assert dashboard["schemaVersion"] == 42
    assert dashboard["timezone"] == "Asia/Ho_Chi_Minh"
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0
    assert {panel["type"] for panel in panels(dashboard)} <= KINDS
    assert isinstance(dashboard["annotations"]["list"], list)
    assert isinstance(dashboard["templating"]["list"], list)
    assert all("placement" not in link for link in dashboard["links"])


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_every_panel_says_what_it_is_in_which_unit_and_what_it_says_when_empty(uid: str) -> None:
    for panel in panels(dashboards()[uid]):
        if panel["type"] == "text":
            continue
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["title"], panel["id"]
        assert len(panel["description"]) > 20, panel["title"]
        assert defaults["unit"], panel["title"]
        assert re.search(r"\w", defaults["noValue"]), panel["title"]
        assert panel["datasource"]["uid"] == DATA_SOURCE
        assert all(target["datasource"]["uid"] == DATA_SOURCE for target in panel["targets"])


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_panels_neither_overlap_nor_leave_the_grid(uid: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(dashboards()[uid]):
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("uid", MINE)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_numbers_bear_the_titles_and_formulas_of_the_registry(uid: str, language: str) -> None:
    vi, en = both(uid)
    text = Text("vi" if language == "vi" else "en")
    named = 0
    for panel in (vi if language == "vi" else en)["panels"]:
        for column, properties in shown_columns(panel):
            seconds = column.replace("_days", "_s")
            name = seconds if seconds in REGISTRY else column
            if name in REGISTRY and "custom.hideFrom.viz" not in properties:
                named += 1
                assert text.formula(name) in panel["description"], (panel["title"], name)
                assert text.title(name) in panel["description"], (panel["title"], name)
    assert named > 10


@pytest.mark.parametrize("uid", sorted(dashboards()))
def test_a_dashboard_survives_the_sdks_round_trip(uid: str) -> None:
    register()
    made = dashboards()[uid]

    again = json.loads(json.dumps(Dashboard.from_json(json.loads(json.dumps(made))), cls=JSONEncoder))

    for variable in again["templating"]["list"]:
        for key in ("auto", "auto_min", "auto_count"):
            variable.pop(key, None)
    assert _lost(made, again) == []


def _lost(made: Any, again: Any, where: str = "") -> list[str]:
    """What of the first is not in the second."""
    if isinstance(made, dict):
        missing = [f"{where}.{key}" for key in made if not isinstance(again, dict) or key not in again]
        return missing + [
            line
            for key in made
            if key in (again or {})
            for line in _lost(made[key], again[key], f"{where}.{key}")
        ]
    if isinstance(made, list):
        if not isinstance(again, list) or len(made) != len(again):
            return [where]
        return [
            line
            for n, pair in enumerate(zip(made, again, strict=True))
            for line in _lost(*pair, f"{where}.{n}")
        ]
    return [] if made == again else [f"{where}: {made} became {again}"]


@pytest.mark.parametrize("limits", THRESHOLDS.values(), ids=THRESHOLDS)
def test_a_limit_belongs_to_the_better_side_whichever_way_is_good(limits: Thresholds) -> None:
    made = steps(limits)

    def colour(value: float) -> str:
        return [step.color for step in made if step.value is None or value >= step.value][-1]

    worse = -1e-6 if limits.upwards else 1e-6
    better = [colour(limit) for limit in limits[:3]]
    beyond = [colour(limit + worse) for limit in limits[:3]]
    assert len(set(better)) == 3
    assert beyond == [*better[1:], colour(limits.behind + 100 * worse)]
    assert beyond[-1] not in better


def test_the_state_in_sql_judges_by_the_same_limits() -> None:
    assert state_sql("overdue_share", "x", "n") == (
        "multiIf(isNull(x), NULL, n < 10, 4, x <= 0.02, 0, x <= 0.05, 1, x <= 0.1, 2, 3)"
    )


def test_dashboards_lie_in_the_folder_of_their_readers() -> None:
    found = yaml.safe_load((PROVISIONING / "dashboards/caseclock.yaml").read_text("utf-8"))

    assert {each["folderUid"]: each["folder"] for each in found["providers"]} == FOLDERS
    assert {uid for uid in dashboards() if folder_of(uid) == "caseclock-public"} == set(public_uids())
    for uid in dashboards():
        assert (PROVISIONING / f"dashboards/json/{folder_of(uid)}/{uid}.json").is_file()


def test_the_data_source_has_no_password_in_the_file() -> None:
    [source] = yaml.safe_load((PROVISIONING / "datasources/caseclock.yaml").read_text("utf-8"))["datasources"]

    assert source["uid"] == DATA_SOURCE
    assert source["secureJsonData"]["password"].startswith("$__file{/run/secrets/")
    assert source["jsonData"]["username"] == "caseclock_reader"
