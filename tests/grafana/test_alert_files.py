"""The alerting files as Grafana reads them; and for each check a planted fault that it finds."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from dashboards import limits
from dashboards.grafana import alerts, build
from tests.grafana.alert_schema import Known, faults

ROOT: Final = Path(__file__).parents[2]
ANCHORS: Final = (
    *("overdue-share", "on-time-rate", "oldest-case", "source-silent", "dead-letters", "ledger-identity"),
    "no-fresh-numbers",
)
Plant = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def files() -> dict[str, Any]:
    """As Grafana gets them: written as YAML and read again."""
    return {
        name: yaml.safe_load(yaml.safe_dump(document))
        for name, document in alerts.files(build.dashboards()).items()
    }


@pytest.fixture(scope="module")
def known() -> Known:
    return Known(build.dashboards(), ANCHORS, ("CASECLOCK_ALERT_WEBHOOK",))


def test_the_files_have_no_fault(files: dict[str, Any], known: Known) -> None:
    assert faults(files, known) == []


def rule(files: dict[str, Any], place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = files["rules.yaml"]["groups"][0]["rules"][place]
    return found


def model(files: dict[str, Any], place: int) -> dict[str, Any]:
    found: dict[str, Any] = rule(files)["data"][place]["model"]
    return found


def point(files: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = files["contact-points.yaml"]["contactPoints"][0]
    return found


def root(files: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = files["policies.yaml"]["policies"][0]
    return found


PLANTED: Final[dict[str, tuple[Plant, str]]] = {
    "a file that is none": (lambda f: f.__setitem__("README.md", {"apiVersion": 1}), "Grafana reads only"),
    "no version": (lambda f: f["rules.yaml"].pop("apiVersion"), "apiVersion"),
    "an unknown key on top": (lambda f: f["rules.yaml"].update(rules=[]), "unknown key rules"),
    "an unknown key of a rule": (
        lambda f: rule(f).update(keep_firing_for="5m"),
        "unknown key keep_firing_for",
    ),
    "an unknown key of a group": (
        lambda f: f["rules.yaml"]["groups"][0].update(every="5m"),
        "unknown key every",
    ),
    "a rule without a condition": (lambda f: rule(f).pop("condition"), "condition is missing"),
    "a condition that is no query": (lambda f: rule(f).update(condition="C"), "condition C"),
    "one uid twice": (lambda f: rule(f).update(uid=rule(f, 1)["uid"]), "twice"),
    "one title twice": (lambda f: rule(f).update(title=rule(f, 1)["title"]), "twice"),
    "a uid with a blank": (lambda f: rule(f).update(uid="a b"), "uid"),
    "a state that is none": (lambda f: rule(f).update(noDataState="Ok"), "noDataState Ok"),
    "an error state that is none": (lambda f: rule(f).update(execErrState="NoData"), "execErrState NoData"),
    "a time without a unit": (lambda f: rule(f).update({"for": "15"}), "for 15"),
    "an odd interval": (lambda f: f["rules.yaml"]["groups"][0].update(interval="45s"), "multiple of 10 s"),
    "a folder by its uid": (
        lambda f: f["rules.yaml"]["groups"][0].update(folder="caseclock"),
        "by its title",
    ),
    "two queries of one name": (lambda f: rule(f)["data"][1].update(refId="A"), "two queries of one refId"),
    "a data source of nobody": (lambda f: rule(f)["data"][0].update(datasourceUid="x"), "data source x"),
    "a range in the future": (
        lambda f: rule(f)["data"][0].update(relativeTimeRange={"from": 0, "to": 60}),
        "relativeTimeRange",
    ),
    "a time series": (lambda f: model(f, 0).update(format=0), "no numeric table"),
    "an unknown key of a query": (lambda f: model(f, 0).update(rawSQL="SELECT 1"), "unknown key rawSQL"),
    "a variable of a dashboard": (lambda f: model(f, 0).update(rawSql="SELECT ${unit}"), "not expanded"),
    "a macro of the browser": (
        lambda f: model(f, 0).update(rawSql="SELECT 1 WHERE $__conditionalAll(a, $b)"),
        "$__conditionalAll is not expanded",
    ),
    "an expression over nothing": (lambda f: model(f, 1).update(expression="Z"), "expression Z"),
    "two conditions": (lambda f: model(f, 1)["conditions"].append({}), "not one threshold"),
    "a limit that is text": (
        lambda f: model(f, 1)["conditions"][0]["evaluator"].update(params=["0.1"]),
        "evaluator",
    ),
    "an end on the wrong side": (
        lambda f: model(f, 1)["conditions"][0]["unloadEvaluator"].update(type="gt"),
        "on the side where it begins",
    ),
    "an end beyond the beginning": (
        lambda f: model(f, 1)["conditions"][0]["unloadEvaluator"].update(params=[0.9]),
        "ends where it is worse",
    ),
    "a panel without a dashboard": (lambda f: rule(f).pop("dashboardUid"), "go together"),
    "a dashboard of nobody": (lambda f: rule(f).update(dashboardUid="x"), "no dashboard x"),
    "a panel that is not there": (lambda f: rule(f).update(panelId=999), "no panel 999"),
    "a template in a label": (lambda f: rule(f)["labels"].update(unit="{{ $labels.unit_id }}"), "write $$"),
    "a dollar in a title": (lambda f: rule(f).update(title="$5"), "write $$"),
    "a variable in an annotation": (
        lambda f: rule(f)["annotations"].update(summary="${HOME}"),
        "interpolated",
    ),
    "a bracket left open": (lambda f: rule(f)["annotations"].update(summary="{{ $labels.x"), "brackets"),
    "no severity": (lambda f: rule(f)["labels"].pop("severity"), "severity None"),
    "one language": (lambda f: rule(f)["annotations"].pop("summary_en"), "both languages"),
    "a guide without its chapter": (
        lambda f: rule(f)["annotations"].update(runbook="docs/operate.md#x"),
        "runbook",
    ),
    "a receiver without a uid": (lambda f: point(f)["receivers"][0].pop("uid"), "uid is missing"),
    "another kind of receiver": (lambda f: point(f)["receivers"][0].update(type="slak"), "type slak"),
    "no address": (lambda f: point(f)["receivers"][0]["settings"].pop("url"), "url is missing"),
    "a variable that nobody sets": (
        lambda f: point(f)["receivers"][0]["settings"].update(url="$WEBHOOK"),
        "nobody sets $WEBHOOK",
    ),
    "two roots": (lambda f: f["policies.yaml"]["policies"].append(root(f)), "2 policies"),
    "a receiver of nobody": (lambda f: root(f)["routes"][0].update(receiver="x"), "receiver x"),
    "a root that matches": (lambda f: root(f).update(object_matchers=[["a", "=", "b"]]), "takes everything"),
    "an unknown key of a policy": (
        lambda f: root(f)["routes"][0].update(matchers=[]),
        "unknown key matchers",
    ),
    "a sign that is none": (
        lambda f: root(f)["routes"][0].update(object_matchers=[["severity", "==", "critical"]]),
        "matcher severity == critical",
    ),
    "a label of no rule": (
        lambda f: root(f)["routes"][0].update(object_matchers=[["severity", "=", "page"]]),
        "no rule has severity = page",
    ),
    "a wait without a unit": (lambda f: root(f).update(group_wait="30"), "group_wait 30"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(planted: str, files: dict[str, Any], known: Known) -> None:
    plant, told = PLANTED[planted]
    spoilt = copy.deepcopy(files)

    plant(spoilt)

    assert any(told in fault for fault in faults(spoilt, known)), faults(spoilt, known)


def test_the_guide_has_a_chapter_for_each_rule(files: dict[str, Any]) -> None:
    guide = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", guide, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    anchors |= set(re.findall(r'<a (?:id|name)="([^"]+)"', guide))

    rules = [each for group in files["rules.yaml"]["groups"] for each in group["rules"]]

    assert {each["annotations"]["runbook"] for each in rules} == {
        f"docs/operate.md#{anchor}" for anchor in ANCHORS
    }
    assert set(ANCHORS) <= anchors


def test_an_alert_begins_where_a_panel_turns_to_its_last_colour(files: dict[str, Any]) -> None:
    begins = {
        each["uid"].removeprefix("caseclock-"): each["data"][1]["model"]["conditions"][0]["evaluator"][
            "params"
        ][0]
        for group in files["rules.yaml"]["groups"]
        for each in group["rules"]
    }

    assert begins == {
        "overdue-share": limits.THRESHOLDS["overdue_share"].behind,
        "on-time-rate": limits.THRESHOLDS["on_time_rate"].behind,
        "oldest-case": limits.OLDEST_OVERDUE_DAYS,
        "source-silent": limits.SilenceLimits().source_days,
        "dead-letters": limits.DEAD_LETTERS_AN_HOUR,
        "ledger-identity": 0,
        "no-fresh-numbers": limits.FRESH_SECONDS,
    }
