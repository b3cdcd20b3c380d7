"""Writes what Grafana is provisioned with: dashboards, data source, alert rules. Committed; a check finds drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import alerts
from dashboards.grafana.boards import city, compare, pipeline, public_city, public_units, unit
from dashboards.grafana.dashboard import finish
from dashboards.grafana.names import (
    DATA_SOURCE,
    DATA_SOURCE_TYPE,
    FOLDER,
    FOLDERS,
    LANGUAGES,
    PUBLIC,
    PUBLIC_FOLDER,
    Language,
    uid,
)
from dashboards.grafana.query import register

PROVISIONING: Final = Path(__file__).parent / "provisioning"
"""The committed files."""
MOUNTED: Final = "/etc/grafana/provisioning"
"""Where Grafana finds them."""
_BY_HAND: Final = (
    "# Made by dashboards/grafana/build.py (`caseclock grafana build`): changes here are lost.\n"
)

Make = Callable[[Language], Dashboard]


BOARDS: Final[tuple[Make, ...]] = (
    city.city,
    unit.unit,
    compare.compare,
    pipeline.pipeline,
    public_city.public_city,
    public_units.public_units,
)
"""What makes each dashboard in a language."""


@cache
def _dashboards() -> Mapping[str, str]:
    register()
    made = [finish(make(language)) for make in BOARDS for language in LANGUAGES]
    return {each["uid"]: _json(each) for each in made}


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard's JSON by its uid, in both languages."""
    return {name: json.loads(text) for name, text in _dashboards().items()}


def public_uids() -> tuple[str, ...]:
    """Of the dashboards that the public may see."""
    return tuple(sorted(uid(name, language) for name in PUBLIC for language in LANGUAGES))


def folder_of(dashboard_uid: str) -> str:
    """The uid of the folder that a dashboard belongs to."""
    return PUBLIC_FOLDER if dashboard_uid in public_uids() else FOLDER


def files() -> dict[str, str]:
    """Every file to be provisioned: its path below the folder, and its text."""
    found = {f"dashboards/json/{folder_of(name)}/{name}.json": text for name, text in _dashboards().items()}
    found["dashboards/caseclock.yaml"] = _yaml(_providers())
    found["datasources/caseclock.yaml"] = _yaml(_data_source())
    found |= {f"alerting/{name}": _yaml(document) for name, document in alerts.files(dashboards()).items()}
    return found


def build(folder: Path) -> list[Path]:
    """Write every file below a folder, and take away what is no longer made. Returns the paths written or removed."""
    changed = []
    wanted = files()
    for name, text in wanted.items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            changed.append(path)
    for path in _others(folder, wanted):
        path.unlink()
        changed.append(path)
    return changed


def drift(folder: Path) -> list[str]:
    """What ``build`` would change, a sentence for each file; empty: nothing."""
    wanted = files()
    said = []
    for name, text in wanted.items():
        path = folder / name
        if not path.is_file():
            said.append(f"{name} is missing")
        elif path.read_text("utf-8") != text:
            said.append(f"{name} is not what the code makes")
    said += [f"{path.relative_to(folder)} is made by nothing" for path in _others(folder, wanted)]
    return said


def _others(folder: Path, wanted: Mapping[str, str]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            yield path


def _providers() -> dict[str, object]:
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": folder,
                "orgId": 1,
                "type": "file",
                "folder": title,
                "folderUid": folder,
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {
                    "path": f"{MOUNTED}/dashboards/json/{folder}",
                    "foldersFromFilesStructure": False,
                },
            }
            for folder, title in FOLDERS.items()
        ],
    }


def _data_source() -> dict[str, object]:
    return {
        "apiVersion": 1,
        "prune": True,
        "datasources": [
            {
                "name": "Caseclock",
                "uid": DATA_SOURCE,
                "type": DATA_SOURCE_TYPE,
                "access": "proxy",
                "isDefault": True,
                "editable": False,
                "jsonData": {
                    "host": "clickhouse",
                    "port": 9000,
                    "protocol": "native",
                    "secure": False,
                    "username": "caseclock_reader",
                    "defaultDatabase": "caseclock",
                    "dialTimeout": "10",
                    "queryTimeout": "30",
                    "validateSql": True,
                },
                "secureJsonData": {"password": "$__file{/run/secrets/caseclock_reader_password}"},
            }
        ],
    }


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _yaml(document: object) -> str:
    return _BY_HAND + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
