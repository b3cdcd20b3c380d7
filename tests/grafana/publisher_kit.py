"""Small dashboards for the publisher's tests, and a publisher on the contract server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from dashboards.grafana.client import GrafanaAccess, GrafanaClient
from dashboards.grafana.names import DATA_SOURCE, DATA_SOURCE_TYPE
from dashboards.grafana.publisher import GrafanaPublisher
from tests.grafana.contract_grafana import ContractGrafana
from tests.grafana.contract_server import TOKEN

CITY: Final = "caseclock-public-city"
UNITS: Final = "caseclock-public-units"
SECRET: Final = "an invented secret of the city"


def dashboard(uid: str = CITY, title: str | None = None, **more: Any) -> dict[str, Any]:
    """One panel with one query, no variables."""
    source = {"type": DATA_SOURCE_TYPE, "uid": DATA_SOURCE}
    target = {"refId": "A", "datasource": source, "format": 1, "rawSql": "SELECT open FROM v_public_city"}
    panel = {"id": 1, "type": "stat", "title": "Đang giải quyết", "datasource": source, "targets": [target]}
    return {"uid": uid, "title": title or uid, "schemaVersion": 42, "panels": [panel], **more}


def access(grafana: ContractGrafana, **more: Any) -> GrafanaAccess:
    return GrafanaAccess(**{"url": grafana.url, "sign_in": TOKEN, "timeout_s": 5.0, **more})


@contextmanager
def publisher(grafana: ContractGrafana, **more: Any) -> Iterator[GrafanaPublisher]:
    client = GrafanaClient(access(grafana, **more))
    try:
        yield GrafanaPublisher(client)
    finally:
        client.close()
