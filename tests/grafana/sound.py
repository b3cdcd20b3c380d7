"""A small dashboard with one panel of each type that every check takes: faults are planted in copies of it."""

import json
from typing import Any, Final

Json = dict[str, Any]
_SOURCE: Final = {"type": "grafana-clickhouse-datasource", "uid": "caseclock-clickhouse"}
_LIMITS: Final = {
    "mode": "absolute",
    "steps": [{"value": None, "color": "semi-dark-orange"}, {"value": 0.9, "color": "semi-dark-blue"}],
}

STAT, BARS, LINES, TABLE, TEXT = range(5)
"""Where each panel is in the dashboard's list."""


def sound() -> Json:
    """A new copy; its queries need no tables."""
    dashboard = {
        "uid": "sound",
        "title": "Hồ sơ hôm nay",
        "schemaVersion": 42,
        "refresh": "30s",
        "time": {"from": "now-7d", "to": "now"},
        "timezone": "browser",
        "graphTooltip": 1,
        "annotations": {"list": []},
        "templating": {"list": [_variable()]},
        "links": [],
        "panels": [_stat(), _bars(), _lines(), _table(), _text()],
    }
    copied: Json = json.loads(json.dumps(dashboard))  # without what its parts share
    return copied


def _variable() -> Json:
    sql = "SELECT 'Sở Y tế' AS text, 'H26.D01' AS value"
    query = {"editorType": "sql", "rawSql": sql, "refId": "v"}
    return {
        "name": "unit",
        "label": "Đơn vị",
        "type": "query",
        "query": query,
        "definition": sql,
        "refresh": 1,
    }


def _target(sql: str, shape: str) -> Json:
    return {
        "refId": "A",
        "datasource": _SOURCE,
        "editorType": "sql",
        "queryType": shape,
        "format": 0 if shape == "timeseries" else 1,
        "rawSql": sql,
        "pluginVersion": "4.20.0",
        "meta": {},
    }


def _stat() -> Json:
    return {
        "id": 1,
        "type": "stat",
        "title": "Đúng hạn: $unit",
        "description": "Tỷ lệ hồ sơ giải quyết đúng hạn.",
        "gridPos": {"x": 0, "y": 0, "w": 8, "h": 6},
        "options": {
            "reduceOptions": {"calcs": ["lastNotNull"]},
            "colorMode": "background",
            "graphMode": "none",
        },
        "fieldConfig": {
            "defaults": {"unit": "percentunit", "decimals": 1, "noValue": "–", "thresholds": _LIMITS},
            "overrides": [],
        },
        "targets": [_target("SELECT 0.934 AS Value, ${unit:singlequote} AS unit", "table")],
    }


def _bars() -> Json:
    return {
        "id": 2,
        "type": "bargauge",
        "title": "Đang giải quyết",
        "gridPos": {"x": 8, "y": 0, "w": 8, "h": 6},
        "options": {"displayMode": "basic", "orientation": "horizontal", "reduceOptions": {"values": True}},
        "fieldConfig": {
            "defaults": {"unit": "locale", "min": 0, "color": {"mode": "thresholds"}, "thresholds": _LIMITS},
            "overrides": [],
        },
        "targets": [
            _target(
                "SELECT concat('Phường ', toString(number)) AS unit, number * 7 AS Value FROM numbers(6)",
                "table",
            )
        ],
    }


def _lines() -> Json:
    sql = """SELECT $__timeInterval($__fromTime + toIntervalHour(number)) AS time,
    ['Y tế', 'Tư pháp'][number % 2 + 1] AS unit, avg(sin(number / 9)) AS Value
FROM numbers(168) GROUP BY time, unit ORDER BY time, unit"""
    dashed = {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}}
    return {
        "id": 3,
        "type": "timeseries",
        "title": "Theo ngày",
        "interval": "1h",
        "gridPos": {"x": 0, "y": 6, "w": 16, "h": 8},
        "options": {
            "legend": {
                "displayMode": "table",
                "placement": "right",
                "showLegend": True,
                "calcs": ["lastNotNull"],
            },
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "fieldConfig": {
            "defaults": {
                "unit": "short",
                "custom": {"drawStyle": "line", "lineWidth": 2, "spanNulls": 7_200_000},
            },
            "overrides": [{"matcher": {"id": "byName", "options": "Y tế"}, "properties": [dashed]}],
        },
        "targets": [_target(sql, "timeseries")],
    }


def _table() -> Json:
    coloured = {"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}}
    link = {"title": "Đơn vị", "url": "/d/unit?var-unit=${__value.raw}"}
    return {
        "id": 4,
        "type": "table",
        "title": "Đơn vị",
        "gridPos": {"x": 16, "y": 0, "w": 8, "h": 14},
        "options": {"showHeader": True, "cellHeight": "md"},
        "transformations": [
            {
                "id": "organize",
                "options": {"renameByName": {"unit": "Đơn vị", "rate": "Đúng hạn", "state": "Mức"}},
            }
        ],
        "fieldConfig": {
            "defaults": {"custom": {"align": "auto"}},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "Đúng hạn"},
                    "properties": [
                        {"id": "unit", "value": "percentunit"},
                        {"id": "thresholds", "value": _LIMITS},
                        coloured,
                    ],
                },
                {
                    "matcher": {"id": "byName", "options": "Đơn vị"},
                    "properties": [{"id": "links", "value": [link]}],
                },
                {
                    "matcher": {"id": "byName", "options": "Mức"},
                    "properties": [
                        {
                            "id": "mappings",
                            "value": [
                                {
                                    "type": "value",
                                    "options": {
                                        "0": {"text": "Tốt", "color": "blue"},
                                        "1": {"text": "Chậm", "color": "orange"},
                                    },
                                }
                            ],
                        }
                    ],
                },
            ],
        },
        "targets": [
            _target(
                """SELECT concat('Phường ', toString(number)) AS unit, 1 - number / 30 AS rate, number % 2 AS state
FROM numbers(8)""",
                "table",
            )
        ],
    }


def _text() -> Json:
    return {
        "id": 5,
        "type": "text",
        "title": "Cách đọc",
        "gridPos": {"x": 0, "y": 14, "w": 24, "h": 3},
        "options": {"mode": "markdown", "content": "**Đúng hạn** là giải quyết xong không sau giờ hẹn."},
    }
