"""A query of Grafana's ClickHouse data source, as its plugin stores it (plugin 4.20)."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import DataqueryConfig, Runtime
from grafana_foundation_sdk.cog.variants import Dataquery

from dashboards.grafana.names import DATA_SOURCE, DATA_SOURCE_TYPE, PLUGIN_VERSION

Shape = Literal["timeseries", "table"]
_FORMATS: Final[dict[Shape, int]] = {"timeseries": 0, "table": 1}


class ClickHouseQuery(Dataquery):
    """One target of a panel.

    Args:
        sql: a statement; a time series has a first column ``time`` in ascending order, strings become labels.
        shape: what the plugin makes of the answer.
        ref_id: its letter in the panel.
    """

    def __init__(self, sql: str, shape: Shape = "table", ref_id: str = "A") -> None:
        self.sql = sql
        self.shape = shape
        self.ref_id = ref_id

    def to_json(self) -> dict[str, object]:
        """As stored in a dashboard. The server reads ``format``, the editor ``queryType``: they say the same."""
        return {
            "refId": self.ref_id,
            "datasource": {"type": DATA_SOURCE_TYPE, "uid": DATA_SOURCE},
            "editorType": "sql",
            "queryType": self.shape,
            "format": _FORMATS[self.shape],
            "rawSql": self.sql,
            "pluginVersion": PLUGIN_VERSION,
            "meta": {},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Back from what ``to_json`` gave."""
        return cls(data["rawSql"], data["queryType"], data["refId"])


class Target(Builder[Dataquery]):
    """What the SDK's panels take as a target; see ``ClickHouseQuery``."""

    def __init__(self, sql: str, shape: Shape = "table", ref_id: str = "A") -> None:
        self._query = ClickHouseQuery(sql, shape, ref_id)

    def build(self) -> Dataquery:
        """The query."""
        return self._query


def register() -> None:
    """Let the SDK read dashboards with these queries back (for round trips); may be called again."""
    register_default_plugins()
    Runtime().register_dataquery_variant(DataqueryConfig(DATA_SOURCE_TYPE, ClickHouseQuery.from_json))
