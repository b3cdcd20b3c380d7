"""What Grafana accepts as alerting files, and what it silently ignores: every fault that is found, in a sentence.

Grafana refuses to start with some of them, and drops an unknown key without a word. Keys as in its source (13.x).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from dashboards.grafana.names import DATA_SOURCE, FOLDERS
from tests.grafana.plugin.macros import PORTABLE

EXPRESSION: Final = "__expr__"
GROUP: Final = {"orgId", "name", "folder", "interval", "rules"}
RULE: Final = {
    *("uid", "title", "condition", "data", "dashboardUid", "panelId", "noDataState", "execErrState", "for"),
    *("keepFiringFor", "missing_series_evals_to_resolve", "annotations", "labels", "isPaused"),
    *("notification_settings", "record"),
}
NEEDED: Final = {
    "uid",
    "title",
    "condition",
    "data",
    "for",
    "noDataState",
    "execErrState",
    "annotations",
    "labels",
}
QUERY: Final = {"refId", "queryType", "relativeTimeRange", "datasourceUid", "model"}
NO_DATA: Final = {"NoData", "Alerting", "OK", "KeepLast"}
FAILED: Final = {"OK", "Error", "Alerting", "KeepLast"}
CLICKHOUSE: Final = {
    *("refId", "datasource", "editorType", "queryType", "format", "rawSql", "pluginVersion", "meta"),
    *("intervalMs", "maxDataPoints"),
}
THRESHOLD: Final = {"refId", "type", "expression", "datasource", "conditions"}
POLICY: Final = {
    *("receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "routes", "object_matchers"),
    *("continue", "mute_time_intervals", "active_time_intervals"),
}
RECEIVER: Final = {"uid", "type", "disableResolveMessage", "settings"}
WEBHOOK: Final = {"url", "httpMethod", "username", "password"}
OTHER_SIDE: Final = {"gt": "lt", "lt": "gt"}
_UID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DURATION: Final = re.compile(r"(\d+)(s|m|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Known(NamedTuple):
    """What the files may name: dashboards' JSON by uid, headings of the guide, environment variables."""

    dashboards: Mapping[str, Mapping[str, Any]]
    anchors: Collection[str]
    variables: Collection[str]


def faults(files: Mapping[str, Any], known: Known) -> list[str]:
    """Everything that is wrong with the files of ``provisioning/alerting``."""
    found = [
        f"{name}: Grafana reads only .yaml" for name in files if not name.endswith((".yaml", ".yml", ".json"))
    ]
    found += [f"{name}: apiVersion" for name, document in files.items() if document.get("apiVersion") != 1]
    groups = files["rules.yaml"]["groups"]
    receivers = [point["name"] for point in files["contact-points.yaml"]["contactPoints"]]
    found += _keys("rules.yaml", files["rules.yaml"], {"apiVersion", "groups"})
    found += _keys("contact-points.yaml", files["contact-points.yaml"], {"apiVersion", "contactPoints"})
    found += _keys("policies.yaml", files["policies.yaml"], {"apiVersion", "policies"})
    rules = [rule for group in groups for rule in group["rules"]]
    for what in ("uid", "title"):
        found += _twice(what, [rule.get(what) for rule in rules])
    for group in groups:
        found += _group(group)
    for rule in rules:
        found += [f"{rule.get('uid')}: {fault}" for fault in _rule(rule, known)]
    for point in files["contact-points.yaml"]["contactPoints"]:
        found += _point(point, known)
    found += _policies(
        files["policies.yaml"]["policies"], receivers, [rule.get("labels", {}) for rule in rules]
    )
    return found


def _group(group: Mapping[str, Any]) -> Iterator[str]:
    name = group.get("name")
    yield from _keys(f"group {name}", group, GROUP, GROUP)
    if group.get("folder") not in FOLDERS.values():
        yield f"group {name}: a folder goes by its title here"
    if (_seconds(group.get("interval")) or 1) % 10:
        yield f"group {name}: the interval is no multiple of 10 s"


def _rule(rule: Mapping[str, Any], known: Known) -> Iterator[str]:
    yield from _keys("rule", rule, RULE, NEEDED)
    if not _UID.fullmatch(str(rule.get("uid"))):
        yield "uid"
    for name, allowed in (("noDataState", NO_DATA), ("execErrState", FAILED)):
        if rule.get(name) not in allowed:
            yield f"{name} {rule.get(name)}"
    if _seconds(rule.get("for")) is None:
        yield f"for {rule.get('for')}"
    data = {query["refId"]: query for query in rule["data"]}
    if len(data) != len(rule["data"]):
        yield "two queries of one refId"
    if rule.get("condition") not in data:
        yield f"condition {rule.get('condition')}"
    for query in rule["data"]:
        yield from _query(query, data)
    yield from _shown(rule, known)
    yield from _said(rule, known)


def _query(query: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    name, model = query["refId"], query["model"]
    yield from _keys(f"query {name}", query, QUERY, QUERY - {"queryType"})
    times = query.get("relativeTimeRange", {})
    if not times.get("from", -1) >= times.get("to", 0) >= 0:
        yield f"query {name}: relativeTimeRange"
    if model.get("refId") != name or model.get("datasource", {}).get("uid") != query.get("datasourceUid"):
        yield f"query {name}: its model says otherwise"
    if query.get("datasourceUid") == DATA_SOURCE:
        yield from _keys(f"model {name}", model, CLICKHOUSE, CLICKHOUSE)
        if (model.get("format"), model.get("queryType")) != (1, "table"):
            yield f"model {name}: no numeric table"
        yield from _sql(str(model.get("rawSql")))
    elif query.get("datasourceUid") == EXPRESSION:
        yield from _keys(f"model {name}", model, THRESHOLD, THRESHOLD)
        if model.get("expression") not in data or model.get("expression") == name:
            yield f"model {name}: expression {model.get('expression')}"
        yield from _threshold(model)
    else:
        yield f"query {name}: data source {query.get('datasourceUid')}"


def _sql(sql: str) -> Iterator[str]:
    """Only what the backend expands: no dashboard stands behind an alert."""
    for name in re.findall(r"\$(\{?\w+)", sql):
        if not name.startswith("__") or name.removeprefix("__") not in PORTABLE:
            yield f"SQL: ${name} is not expanded in an alert"


def _threshold(model: Mapping[str, Any]) -> Iterator[str]:
    conditions = model.get("conditions", [])
    if model.get("type") != "threshold" or len(conditions) != 1:
        yield "not one threshold"
        return
    condition = conditions[0]
    yield from _keys("condition", condition, {"evaluator", "unloadEvaluator"}, {"evaluator"})
    begins, ends = condition["evaluator"], condition.get("unloadEvaluator")
    for each in (begins, *([ends] if ends else [])):
        if each.get("type") not in OTHER_SIDE or [type(p) for p in each.get("params", [])] not in (
            [int],
            [float],
        ):
            yield f"evaluator {each}"
            return
    if ends:
        if ends["type"] != OTHER_SIDE[begins["type"]]:
            yield "it ends on the side where it begins"
        room = begins["params"][0] - ends["params"][0]
        if (room < 0) if begins["type"] == "gt" else (room > 0):
            yield "it ends where it is worse"


def _shown(rule: Mapping[str, Any], known: Known) -> Iterator[str]:
    uid, panel = rule.get("dashboardUid"), rule.get("panelId")
    if (uid is None) != (panel is None):
        yield "dashboardUid and panelId go together"
    elif uid is not None:
        dashboard = known.dashboards.get(uid)
        if dashboard is None:
            yield f"no dashboard {uid}"
        elif panel not in [each["id"] for each in dashboard["panels"]]:
            yield f"no panel {panel} in {uid}"


def _said(rule: Mapping[str, Any], known: Known) -> Iterator[str]:
    labels, annotations = rule.get("labels", {}), rule.get("annotations", {})
    for where, text in (("title", rule.get("title", "")), *labels.items()):
        if "$" in str(text).replace("$$", ""):
            yield f"{where}: $ is interpolated here, write $$"
    for where, text in annotations.items():
        if "${" in text:
            yield f"{where}: ${{}} is interpolated in some versions"
        if text.count("{{") != text.count("}}"):
            yield f"{where}: brackets"
    if labels.get("severity") not in {"warning", "critical"}:
        yield f"severity {labels.get('severity')}"
    if not {"summary", "summary_en"} <= set(annotations):
        yield "no summary in both languages"
    _, _, anchor = str(annotations.get("runbook")).partition("#")
    if anchor not in known.anchors:
        yield f"runbook {annotations.get('runbook')}"


def _point(point: Mapping[str, Any], known: Known) -> Iterator[str]:
    name = point.get("name")
    yield from _keys(
        f"contact point {name}", point, {"orgId", "name", "receivers"}, {"orgId", "name", "receivers"}
    )
    for receiver in point.get("receivers", []):
        yield from _keys(f"receiver of {name}", receiver, RECEIVER, RECEIVER)
        settings = receiver.get("settings", {})
        yield from _keys(f"settings of {name}", settings, WEBHOOK, {"url"})
        if receiver.get("type") != "webhook":
            yield f"{name}: type {receiver.get('type')}"
        for value in settings.values():
            for variable in re.findall(r"\$(\w*)", str(value).replace("$$", "")):
                if variable not in known.variables:
                    yield f"{name}: nobody sets ${variable}"


def _policies(roots: list[Any], receivers: Collection[str], labels: list[Mapping[str, str]]) -> Iterator[str]:
    if len(roots) != 1:
        yield f"{len(roots)} policies for one organisation"
    for root in roots:
        yield from _keys("root policy", root, POLICY | {"orgId"}, {"orgId", "receiver", "group_by"})
        if "object_matchers" in root:
            yield "the root policy takes everything"
        yield from _route(root, receivers, labels)


def _route(
    route: Mapping[str, Any], receivers: Collection[str], labels: list[Mapping[str, str]]
) -> Iterator[str]:
    if route.get("receiver") not in receivers:
        yield f"policy: receiver {route.get('receiver')}"
    for name in ("group_wait", "group_interval", "repeat_interval"):
        if name in route and _seconds(route[name]) is None:
            yield f"policy: {name} {route[name]}"
    for name, sign, value in route.get("object_matchers", []):
        if sign not in {"=", "!=", "=~", "!~"} or "$" in value:
            yield f"policy: matcher {name} {sign} {value}"
        elif sign == "=" and value not in [each.get(name) for each in labels]:
            yield f"policy: no rule has {name} = {value}"
    for inner in route.get("routes", []):
        yield from _keys("policy", inner, POLICY, {"receiver", "object_matchers"})
        yield from _route(inner, receivers, labels)


def _keys(
    where: str, found: Mapping[str, Any], known: Collection[str], needed: Collection[str] = ()
) -> list[str]:
    return [f"{where}: unknown key {key}" for key in found if key not in known] + [
        f"{where}: {key} is missing" for key in sorted(needed) if key not in found
    ]


def _twice(what: str, values: list[Any]) -> list[str]:
    return [f"{what} {value} twice" for value in dict.fromkeys(values) if values.count(value) > 1]


def _seconds(text: object) -> int | None:
    found = _DURATION.fullmatch(str(text))
    return int(found[1]) * _SECONDS[found[2]] if found else None
