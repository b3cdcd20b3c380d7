"""The contract server forgives nothing: each request here is wrong in one way, and is refused for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from grafana_api.grafana_api import GrafanaException

from dashboards.grafana.client import GrafanaClient
from dashboards.grafana.names import DATA_SOURCE, DATA_SOURCE_TYPE
from tests.grafana.contract_grafana import ContractGrafana
from tests.grafana.contract_server import contract_server
from tests.grafana.publisher_kit import CITY, UNITS, access, dashboard

PUBLIC = f"/dashboards/uid/{CITY}/public-dashboards"
TOKEN = "5c948bf96e6a4b13bd91975f9a2028b7"
QUERY = {
    "refId": "A",
    "datasource": {"uid": DATA_SOURCE, "type": DATA_SOURCE_TYPE},
    "rawSql": "SELECT 1",
    "format": 1,
    "intervalMs": 1_000,
    "maxDataPoints": 100,
}


@pytest.fixture
def grafana() -> Iterator[ContractGrafana]:
    """One public dashboard, one that is not, one folder, our data source."""
    with contract_server() as server:
        server.provision(dashboard())
        server.provision(dashboard(UNITS))
        server.folders["ours"] = {"uid": "ours", "title": "Ours", "version": 3}
        server.sources[DATA_SOURCE] = DATA_SOURCE_TYPE
        server.public[CITY] = {
            "uid": "pub1",
            "dashboardUid": CITY,
            "accessToken": TOKEN,
            "isEnabled": True,
            "timeSelectionEnabled": False,
        }
        yield server


def refused(grafana: ContractGrafana, method: str, path: str, body: object = None) -> tuple[int, str]:
    """Status, and Grafana's id of the error or its words."""
    client = GrafanaClient(access(grafana))
    with pytest.raises(GrafanaException) as raised:
        getattr(client.api, method)(path, json=body)
    client.close()
    told = raised.value.response
    return raised.value.status_code, told.get("messageId") or told["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", f"/dashboards/uid/{UNITS}/public-dashboards", None, 404, "publicdashboards.notFound"),
        ("POST", PUBLIC, {"isEnabled": True}, 400, "publicdashboards.dashboardIsPublic"),
        ("POST", PUBLIC, {"accessToken": "short"}, 400, "publicdashboards.invalidAccessToken"),
        ("POST", PUBLIC, {"uid": "a/b"}, 400, "publicdashboards.invalidUid"),
        ("POST", PUBLIC, {"share": "x" * 11_000}, 400, "publicdashboards.badRequest"),
        ("POST", PUBLIC, {"share": "all"}, 400, "publicdashboards.invalidShareType"),
        ("POST", PUBLIC, {"isEnabled": "true"}, 400, "publicdashboards.badRequest"),
        ("POST", PUBLIC, {"enabled": True}, 400, "bad request data: unknown ['enabled']"),
        ("POST", "/dashboards/uid/no/public-dashboards", {}, 404, "publicdashboards.dashboardNotFound"),
        ("PATCH", f"{PUBLIC}/pub2", {"isEnabled": True}, 404, "publicdashboards.notFound"),
        ("PATCH", f"/dashboards/uid/{UNITS}/public-dashboards/pub1", {}, 400, "publicdashboards.invalidUid"),
        ("PATCH", f"{PUBLIC}/pub1", {"accessToken": TOKEN}, 400, "bad request data: PATCH passes over uid"),
        ("DELETE", f"{PUBLIC}/pub2", None, 404, "publicdashboards.notFound"),
        ("GET", "/public/dashboards/short", None, 400, "publicdashboards.invalidAccessToken"),
        ("GET", f"/public/dashboards/{TOKEN[::-1]}", None, 404, "publicdashboards.notFound"),
        ("POST", f"/public/dashboards/{TOKEN}/panels/1/query", {}, 400, "bad request data: missing"),
        ("POST", "/folders", {"uid": "ours", "title": "x"}, 409, "a folder/dashboard with the same uid"),
        ("POST", "/folders", {"uid": "new", "title": ""}, 400, "folder title cannot be empty"),
        ("POST", "/folders", {"uid": "new", "name": "x"}, 400, "bad request data: unknown ['name']"),
        ("PUT", "/folders/ours", {"title": "x", "version": 2}, 412, "the folder has been changed"),
        ("PUT", "/folders/theirs", {"title": "x"}, 404, "folder not found"),
        ("GET", "/alert-notifications", None, 404, "Not found"),
        ("GET", "/datasources/id/1", None, 404, "Not found"),
    ],
)
def test_a_wrong_request_is_refused_as_grafana_does(
    *, method: str, path: str, body: object, status: int, words: str, grafana: ContractGrafana
) -> None:
    told = refused(grafana, method, path, body)

    assert told[0] == status
    assert told[1].startswith(words)


@pytest.mark.parametrize(
    ("model", "more", "status", "words"),
    [
        ({}, {}, 400, "Cannot save provisioned dashboard"),
        ({"uid": "new", "id": 7}, {}, 404, "Dashboard not found"),
        ({"uid": "ä"}, {}, 400, "uid contains illegal characters"),
        ({"uid": "x" * 41}, {}, 400, "uid contains illegal characters"),
        (
            {"uid": "new", "panels": [{"title": "without an id"}]},
            {},
            400,
            "bad request data: panels need ids",
        ),
        ({"uid": "new"}, {"folderUid": "nowhere"}, 400, "folder not found"),
        ({"uid": "new"}, {"folderId": 0}, 400, "bad request data: unknown ['folderId']"),
        ({"uid": "new"}, {"message": "x" * 501}, 400, "message too long"),
        ({"uid": "new"}, {"folderUid": "caseclock-public"}, 412, "A dashboard with the same name"),
    ],
)
def test_a_wrong_push_is_refused(
    *, model: dict[str, Any], more: dict[str, Any], status: int, words: str, grafana: ContractGrafana
) -> None:
    body = {"dashboard": {**dashboard(), **model}, "folderUid": "ours", "overwrite": True, **more}

    told = refused(grafana, "POST", "/dashboards/db", body)

    assert told[0] == status
    assert told[1].startswith(words)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"rawSql": "SELECT 1 WHERE unit_id IN (${unit:singlequote})"}, 400),
        ({"rawSql": "SELECT 1 WHERE $__conditionalAll(1, $unit)"}, 400),
        ({"rawSql": " "}, 400),
        ({"format": "table"}, 400),
        ({"datasource": {"uid": "another", "type": DATA_SOURCE_TYPE}}, 404),
        ({"sql": "SELECT 1"}, 400),
    ],
)
def test_a_query_that_only_the_browser_could_finish_is_refused(
    wrong: dict[str, Any], status: int, grafana: ContractGrafana
) -> None:
    body = {"queries": [{**QUERY, **wrong}], "from": "0", "to": "1"}

    assert refused(grafana, "POST", "/ds/query", body)[0] == status


def test_a_paused_page_is_not_shown_and_a_removal_is_answered_with_nothing(grafana: ContractGrafana) -> None:
    grafana.public[CITY]["isEnabled"] = False
    told = refused(grafana, "GET", f"/public/dashboards/{TOKEN}")
    client = GrafanaClient(access(grafana))

    answer = client.api.s.delete(f"{grafana.url}/api{PUBLIC}/pub1", auth=client.api.auth, timeout=5)

    client.close()
    assert told == (403, "publicdashboards.notEnabled")
    assert (answer.status_code, answer.content) == (200, b"")
    assert grafana.public == {}
