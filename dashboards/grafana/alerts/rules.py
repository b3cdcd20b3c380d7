"""The alert rules: what is asked, from when on somebody is told, and what the message says.

The limits are those of dashboards/limits.py, which the board and the panels judge by. Each rule asks one table (one
alert per row) and compares its only number; where a number wavers about its limit, the alert ends only at a better one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from dashboards import limits
from dashboards.grafana import names
from dashboards.grafana.alerts import queries
from dashboards.grafana.query import ClickHouseQuery

State = Literal["NoData", "Alerting", "OK", "KeepLast"]
GUIDE: Final = "docs/operate.md"
"""What to do; relative to the repository."""
_ASKED, _JUDGED = "A", "B"
_EXPRESSION: Final = "__expr__"
_SHARE: Final = limits.THRESHOLDS["overdue_share"]
_RATE: Final = limits.THRESHOLDS["on_time_rate"]

Dashboards = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: its uid is ``caseclock-<name>``, and so is the heading in GUIDE.
        title: in both languages; it names the alert everywhere.
        sql: see queries.py.
        beyond: the limit.
        below: told when the number is below the limit, not above.
        well: the number at which it ends; None: the limit.
        severity: who is woken.
        about: unit, source or pipeline.
        lasting: how long it must be so.
        no_data: what it means that there is no row.
        failed: what it means that the question could not be asked.
        vi, en: the summary in both languages.
        panel: uid of the dashboard, and what the title or the SQL of its panel holds.
    """

    name: str
    title: str
    sql: str
    beyond: float
    below: bool = False
    well: float | None = None
    severity: Literal["warning", "critical"] = "warning"
    about: Literal["unit", "source", "pipeline"]
    lasting: str
    no_data: State = "OK"
    failed: Literal["OK", "Error", "Alerting", "KeepLast"] = "KeepLast"
    vi: str
    en: str
    panel: tuple[str, str]


_UNIT: Final = "{{ $labels.unit_name }} ({{ $labels.unit_id }})"
_PERCENT: Final = "{{ humanizePercentage $values.A.Value }}"
_NUMBER: Final = '{{ printf "%.0f" $values.A.Value }}'
_DAYS: Final = '{{ printf "%.1f" $values.A.Value }}'

# No row: no unit has enough cases to be judged, and none did anything wrong. Not to be asked: nothing is known of the
# units, which "no fresh numbers" says once for all.
OF_UNITS: Final = (
    Rule(
        name="overdue-share",
        title="Tỷ lệ quá hạn cao · Overdue share",
        sql=queries.OVERDUE_SHARE,
        beyond=_SHARE.behind,
        well=_SHARE.watch,
        about="unit",
        lasting="15m",
        vi=f"{_UNIT}: {_PERCENT} hồ sơ đang giải quyết đã quá hạn (ngưỡng {_SHARE.behind:.0%}).",
        en=f"{_UNIT}: {_PERCENT} of the open cases are overdue (limit {_SHARE.behind:.0%}).",
        panel=(names.COMPARE, "overdue_share AS Value"),
    ),
    Rule(
        name="on-time-rate",
        title="Tỷ lệ đúng hạn thấp · On-time rate",
        sql=queries.ON_TIME_RATE,
        beyond=_RATE.behind,
        below=True,
        well=_RATE.watch,
        about="unit",
        lasting="15m",
        vi=f"{_UNIT}: chỉ {_PERCENT} hồ sơ hoàn thành trong 30 ngày là đúng hạn (ngưỡng {_RATE.behind:.0%}).",
        en=f"{_UNIT}: only {_PERCENT} of what was completed in 30 days was in time (limit {_RATE.behind:.0%}).",
        panel=(names.COMPARE, "on_time_rate AS Value"),
    ),
    Rule(
        name="oldest-case",
        title="Hồ sơ quá hạn quá lâu · Oldest overdue case",
        sql=queries.OLDEST_CASE,
        beyond=limits.OLDEST_OVERDUE_DAYS,
        about="unit",
        lasting="15m",
        vi=(
            f"{_UNIT}: hồ sơ quá hạn lâu nhất đã quá {_DAYS} ngày làm việc "
            f"(ngưỡng {limits.OLDEST_OVERDUE_DAYS})."
        ),
        en=(
            f"{_UNIT}: the longest overdue case is {_DAYS} working days late "
            f"(limit {limits.OLDEST_OVERDUE_DAYS})."
        ),
        panel=(names.UNIT, "overdue_cases("),
    ),
)
OF_PIPELINE: Final = (
    Rule(  # no row: no source has ever sent anything, so none fell silent
        name="source-silent",
        title="Nguồn dữ liệu im lặng · Source silent",
        sql=queries.SOURCE_SILENT,
        beyond=limits.SILENCE.source_days,
        about="source",
        lasting="5m",
        vi=(
            f"Nguồn {{{{ $labels.source }}}} không gửi gì đã {_DAYS} ngày làm việc "
            f"(ngưỡng {limits.SILENCE.source_days:g})."
        ),
        en=(
            f"Source {{{{ $labels.source }}}} has sent nothing for {_DAYS} working days "
            f"(limit {limits.SILENCE.source_days:g})."
        ),
        panel=(names.PIPELINE, "v_source_silence"),
    ),
    Rule(  # no row: everything could be read for a week
        name="dead-letters",
        title="Bản ghi không đọc được tăng · Dead letters rising",
        sql=queries.DEAD_LETTERS,
        beyond=limits.DEAD_LETTERS_AN_HOUR,
        about="source",
        lasting="0s",
        vi=(
            f"Nguồn {{{{ $labels.source }}}}: {_NUMBER} bản ghi không đọc được trong một giờ qua, "
            f"hơn {limits.DEAD_LETTERS_RISE} lần mức thường."
        ),
        en=(
            f"Source {{{{ $labels.source }}}}: {_NUMBER} records of the last hour could not be read, "
            f"more than {limits.DEAD_LETTERS_RISE} times the usual."
        ),
        panel=(names.PIPELINE, "count() AS Value FROM v_dead_letters"),
    ),
    Rule(  # no row: nothing is counted yet, so nothing is out of balance
        name="ledger-identity",
        title="Sổ không cân · Ledger identity broken",
        sql=queries.LEDGER,
        beyond=0,
        severity="critical",
        about="pipeline",
        lasting="1m",
        vi=f"{_UNIT}: sổ lệch {_NUMBER} hồ sơ (nhận + đến − đi − kết thúc − đang giải quyết phải bằng 0).",
        en=f"{_UNIT}: the ledger is {_NUMBER} cases off (received + in − out − ended − open must be 0).",
        panel=(names.PIPELINE, "AS broken"),
    ),
    Rule(  # the heartbeat: neither silence nor a database that does not answer may pass for well
        name="no-fresh-numbers",
        title="Không có số liệu mới · No fresh numbers",
        sql=queries.NO_FRESH_NUMBERS,
        beyond=limits.FRESH_SECONDS,
        severity="critical",
        about="pipeline",
        lasting="1m",
        no_data="Alerting",
        failed="Alerting",
        vi=(
            "Số liệu không còn mới ({{ $labels.what }}), hoặc không hỏi được ClickHouse "
            "(numbers: số của đơn vị; samples: tiến trình; waiting: bản ghi chờ)."
        ),
        en=(
            "Numbers are not fresh ({{ $labels.what }}), or ClickHouse cannot be asked "
            "(numbers: the units'; samples: the workers; waiting: records that wait)."
        ),
        panel=(names.PIPELINE, "FROM v_summaries) AS summaries"),
    ),
)


def document(made: Dashboards) -> dict[str, object]:
    """The rules in two groups: units every five minutes, the pipeline every minute.

    Args:
        made: the dashboards' JSON by uid.
    """
    return {
        "apiVersion": 1,
        "groups": [
            _group("caseclock-units", "5m", OF_UNITS, made),
            _group("caseclock-pipeline", "1m", OF_PIPELINE, made),
        ],
    }


def _group(name: str, interval: str, members: tuple[Rule, ...], made: Dashboards) -> dict[str, object]:
    folder = names.FOLDER_TITLE  # here, and only here, a folder goes by its title
    return {
        "orgId": 1,
        "name": name,
        "folder": folder,
        "interval": interval,
        "rules": [_rule(each, made) for each in members],
    }


def _rule(rule: Rule, made: Dashboards) -> dict[str, object]:
    return {
        "uid": f"caseclock-{rule.name}",
        "title": rule.title,
        "condition": _JUDGED,
        "for": rule.lasting,
        "noDataState": rule.no_data,
        "execErrState": rule.failed,
        "dashboardUid": rule.panel[0],
        "panelId": panel_id(made, *rule.panel),
        "labels": {"severity": rule.severity, "about": rule.about, "service": "caseclock"},
        "annotations": {
            "summary": rule.vi,
            "summary_en": rule.en,
            "runbook": f"{GUIDE}#{rule.name}",
        },
        "data": [_asked(rule), _judged(rule)],
    }


def _asked(rule: Rule) -> dict[str, object]:
    model = ClickHouseQuery(rule.sql.strip() + "\n", "table", _ASKED).to_json()
    return {
        "refId": _ASKED,
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": names.DATA_SOURCE,
        "model": {**model, "intervalMs": 60_000, "maxDataPoints": 1_000},
    }


def _judged(rule: Rule) -> dict[str, object]:
    worse, better = ("lt", "gt") if rule.below else ("gt", "lt")
    condition: dict[str, object] = {"evaluator": {"type": worse, "params": [rule.beyond]}}
    if rule.well is not None:
        condition["unloadEvaluator"] = {"type": better, "params": [rule.well]}
    return {
        "refId": _JUDGED,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": _EXPRESSION,
        "model": {
            "refId": _JUDGED,
            "type": "threshold",
            "expression": _ASKED,
            "datasource": {"type": _EXPRESSION, "uid": _EXPRESSION},
            "conditions": [condition],
        },
    }


def panel_id(made: Dashboards, dashboard: str, has: str) -> int:
    """The number of a dashboard's first panel that has this in its title or SQL.

    Raises:
        LookupError: there is none, so that a rule cannot point nowhere.
    """
    for panel in made[dashboard]["panels"]:
        said = [panel.get("title", ""), *(each["rawSql"] for each in panel.get("targets", []))]
        if any(has in each for each in said):
            return int(panel["id"])
    msg = f"no panel of {dashboard} has {has}"
    raise LookupError(msg)
