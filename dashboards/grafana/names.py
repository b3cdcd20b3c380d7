"""What things are called in Grafana: one place for dashboards, alert rules, provisioning and the publisher."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
"""Vietnamese first."""

DATA_SOURCE: Final = "caseclock-clickhouse"
DATA_SOURCE_TYPE: Final = "grafana-clickhouse-datasource"
PLUGIN_VERSION: Final = "4.20.0"
"""The version of the data source plugin that the dashboards were checked against."""
SCHEMA_VERSION: Final = 42
"""Of Grafana's classic dashboard model."""

FOLDER: Final = "caseclock"
FOLDER_TITLE: Final = "Caseclock"
PUBLIC_FOLDER: Final = "caseclock-public"
PUBLIC_FOLDER_TITLE: Final = "Caseclock – công khai"
FOLDERS: Final[dict[str, str]] = {FOLDER: FOLDER_TITLE, PUBLIC_FOLDER: PUBLIC_FOLDER_TITLE}
"""Title by uid. Grafana's files of alert rules name a folder by its title, everything else by its uid."""

CITY: Final = "caseclock-city"
UNIT: Final = "caseclock-unit"
COMPARE: Final = "caseclock-compare"
PIPELINE: Final = "caseclock-pipeline"
PUBLIC_CITY: Final = "caseclock-public-city"
PUBLIC_UNITS: Final = "caseclock-public-units"
PUBLIC: Final = frozenset({PUBLIC_CITY, PUBLIC_UNITS})


def uid(dashboard: str, language: Language) -> str:
    """The uid of a dashboard in a language: the plain one is Vietnamese."""
    return dashboard if language == "vi" else f"{dashboard}-{language}"
