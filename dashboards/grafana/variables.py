"""Variables of the dashboards for staff. Public ones have none."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard as sdk
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.grafana.panels import SOURCE
from dashboards.grafana.sql import SINCE
from dashboards.grafana.text import Text

Variable = Builder[VariableModel]
EXPLAIN_AT: Final = "http://127.0.0.1:8090"
"""Where the listener for staff is asked for a case's explanation (docs/settings.md, ``[staff]``)."""
UNITS: Final = (
    "SELECT unit_id AS value, concat(unit_name, ' · ', unit_id) AS text FROM v_units_now "
    "WHERE scope = 'own' AND unit_id NOT IN ('*', '') ORDER BY unit_id"
)


def query(name: str, label: str, sql: str, *, multi: bool = False) -> Variable:
    """Values and texts from ClickHouse, read when the dashboard opens; several, or all, where ``multi``."""
    made = (
        sdk.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"editorType": "sql", "rawSql": sql, "refId": name})
        .definition(sql)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.DISABLED)
        .allow_custom_value(False)
    )
    if not multi:
        return made
    return made.multi(True).include_all(True).current(VariableOption(True, ["All"], ["$__all"]))


def scope(text: Text) -> Variable:
    """A unit with all below it, or alone."""
    return _custom(
        "scope",
        text("Phạm vi", "Scope"),
        {
            "tree": text("cả đơn vị cấp dưới", "with units below"),
            "own": text("riêng đơn vị", "the unit alone"),
        },
        "tree",
    )


def period(text: Text) -> Variable:
    """The period of rates and flows."""
    return _custom(
        "period",
        text.word("common.period"),
        {name: text.word(f"common.period_{name}") for name in SINCE},
        "30d",
    )


def explain(text: Text) -> Variable:
    """The address of the listener for staff."""
    return (
        sdk.TextBoxVariable("explain")
        .label(text("Địa chỉ giải thích hồ sơ", "Explanations at"))
        .description(
            text(
                "Địa chỉ nội bộ của `/staff` (xem docs/settings.md), không bao giờ công khai.",
                "The internal address of `/staff` (docs/settings.md), never public.",
            )
        )
        .hide(VariableHide.HIDE_VARIABLE)
        .default_value(EXPLAIN_AT)
        .current(VariableOption(True, EXPLAIN_AT, EXPLAIN_AT))
    )


def _custom(name: str, label: str, options: dict[str, str], first: str) -> Variable:
    return (
        sdk.CustomVariable(name)
        .label(label)
        .values(", ".join(f"{said} : {value}" for value, said in options.items()))
        .options([VariableOption(value == first, said, value) for value, said in options.items()])
        .current(VariableOption(True, options[first], first))
        .allow_custom_value(False)
    )
