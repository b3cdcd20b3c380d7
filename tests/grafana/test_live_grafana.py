"""All dashboards on a Grafana: pushed, every panel asked for its data, the public ones opened as a visitor does.

It runs on the contract server always, and on a real Grafana where `CASECLOCK_GRAFANA_URL` names one, with
`CASECLOCK_GRAFANA_TOKEN`, or `CASECLOCK_GRAFANA_USER` and `CASECLOCK_GRAFANA_PASSWORD` (role Admin). That one needs the
data source of docs/grafana.md. Everything is put under names of its own beside what is there, and taken away after it.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import pytest

from dashboards.grafana.build import dashboards, public_uids
from dashboards.grafana.client import GrafanaAccess, GrafanaClient, GrafanaError
from dashboards.grafana.names import DATA_SOURCE, DATA_SOURCE_TYPE
from dashboards.grafana.publisher import GrafanaPublisher, stable_token
from tests.grafana.contract_rules import panels_of
from tests.grafana.contract_server import TOKEN, contract_server
from tests.grafana.plugin.variables import fill_in

FOLDER: Final = "livetest"
TITLE: Final = "Live test (may be deleted)"
SECRET: Final = uuid.uuid4().hex
DAYS: Final = 30
NAMES: Final = ("URL", "TOKEN", "USER", "PASSWORD")
GIVEN: Final = {name: os.environ.get(f"CASECLOCK_GRAFANA_{name}", "") for name in NAMES}
MODELS: Final = dashboards()
REASON: Final = "no real Grafana: CASECLOCK_GRAFANA_URL and a token, or user and password, would name one"
REAL: Final = pytest.param("real", marks=() if GIVEN["URL"] else pytest.mark.skip(REASON))


@pytest.fixture(scope="module", params=["contract", REAL])
def client(request: pytest.FixtureRequest) -> Iterator[GrafanaClient]:
    """Each Grafana in turn, with our data source and with nothing of this test left behind."""
    if request.param == "contract":
        with contract_server() as server:
            server.sources[DATA_SOURCE] = DATA_SOURCE_TYPE
            yield from _visit(GrafanaAccess(server.url, TOKEN))
            assert (server.dashboards, server.folders, server.public) == ({}, {}, {})
    elif not GIVEN["URL"]:
        pytest.skip(
            "no real Grafana: set CASECLOCK_GRAFANA_URL, and a token or user and password, to try one"
        )
    else:
        sign_in = GIVEN["TOKEN"] or (GIVEN["USER"], GIVEN["PASSWORD"])
        yield from _visit(GrafanaAccess(GIVEN["URL"].rstrip("/"), sign_in, timeout_s=60))


@pytest.fixture(params=MODELS)
def uid(request: pytest.FixtureRequest) -> str:
    """Each dashboard in turn (by a fixture, so that pytest tells all that was skipped in one line)."""
    return str(request.param)


@pytest.fixture(params=public_uids())
def public_uid(request: pytest.FixtureRequest) -> str:
    """Each public one in turn."""
    return str(request.param)


def _visit(access: GrafanaAccess) -> Iterator[GrafanaClient]:
    client = GrafanaClient(access)
    client.wait(60)
    publisher = GrafanaPublisher(client)
    assert publisher.has_data_source(DATA_SOURCE), (
        f"make the data source {DATA_SOURCE} first: docs/grafana.md"
    )
    try:
        publisher.folder(FOLDER, TITLE)
        yield client
    finally:
        for uid in MODELS:
            with suppress(GrafanaError):  # one that was not pushed
                client.delete(f"/dashboards/uid/{_live(uid)}")
        client.delete(f"/folders/{FOLDER}")
        client.close()


def _live(uid: str) -> str:
    return f"{FOLDER}-{uid}"


@pytest.fixture(scope="module")
def pushed(client: GrafanaClient) -> GrafanaClient:
    """A Grafana that has every dashboard."""
    publisher = GrafanaPublisher(client)
    for uid, model in MODELS.items():
        publisher.push({**model, "uid": _live(uid)}, FOLDER, "live test")
    return client


def _post(
    client: GrafanaClient, path: str, body: Mapping[str, Any], *, as_visitor: bool = False
) -> dict[str, Any]:
    """What a query gives; the assertion holds Grafana's whole answer, which says what ClickHouse did not like."""
    api = client.visitor if as_visitor else client.api
    answer = api.s.post(api.url + path, json=body, auth=api.auth, timeout=60)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2_000]}"
    results: dict[str, Any] = answer.json()["results"]
    return results


def _ask(client: GrafanaClient, targets: list[Mapping[str, Any]]) -> dict[str, Any]:
    now = int(time.time() * 1000)
    queries = [{**each, "intervalMs": 60_000, "maxDataPoints": 1_000} for each in targets]
    since = now - DAYS * 86_400_000
    return _post(client, "/ds/query", {"queries": queries, "from": str(since), "to": str(now)})


def _variables(client: GrafanaClient, model: Mapping[str, Any]) -> dict[str, list[str]]:
    """The first value of each variable, as the browser would choose it."""
    now = int(time.time() * 1000)
    chosen = {"__from": [str(now - DAYS * 86_400_000)], "__to": [str(now)]}
    for variable in model.get("templating", {}).get("list", []):
        query = variable.get("query")
        if variable["type"] != "query":
            listed = str(query or "").split(",", maxsplit=1)[0].rpartition(" : ")[2].strip()
            first = (variable.get("current") or {}).get("value") or listed
            chosen[variable["name"]] = [str(first[0] if isinstance(first, list) else first)]
            continue
        target = {**query, "datasource": variable["datasource"], "format": 1}
        target["rawSql"] = fill_in(query["rawSql"], chosen)
        (frame,) = _ask(client, [target])[query["refId"]]["frames"]
        values = frame["data"]["values"][0]
        assert values, f"the variable {variable['name']} of {model['uid']} has no value"
        chosen[variable["name"]] = [str(values[0])]
    return chosen


def test_pushed_again_every_dashboard_is_known_and_left_alone(pushed: GrafanaClient) -> None:
    publisher = GrafanaPublisher(pushed)

    told = {
        uid: publisher.push({**model, "uid": _live(uid)}, FOLDER, "again") for uid, model in MODELS.items()
    }

    assert {uid: change for uid, change in told.items() if change != "unchanged"} == {}


def test_every_panel_gets_its_data(uid: str, pushed: GrafanaClient) -> None:
    model = pushed.get(f"/dashboards/uid/{_live(uid)}")["dashboard"]
    values = _variables(pushed, model)

    answered = {
        panel["id"]: _ask(
            pushed, [{**each, "rawSql": fill_in(each["rawSql"], values)} for each in panel["targets"]]
        )
        for panel in panels_of(model)
        if panel.get("targets")
    }

    assert answered
    assert [
        panel for panel, results in answered.items() if any("error" in each for each in results.values())
    ] == []


def test_a_visitor_opens_the_public_page_and_every_panel_of_it(
    public_uid: str, pushed: GrafanaClient
) -> None:
    token = stable_token(SECRET, _live(public_uid))
    done = GrafanaPublisher(pushed).publish(_live(public_uid), token)

    page = pushed.get(f"/public/dashboards/{token}", as_visitor=True)["dashboard"]
    asked = {"intervalMs": 60_000, "maxDataPoints": 1_000}
    results = [
        _post(pushed, f"/public/dashboards/{token}/panels/{panel['id']}/query", asked, as_visitor=True)
        for panel in panels_of(page)
        if panel.get("targets")
    ]

    assert done.path == f"/public-dashboards/{token}"
    assert "rawSql" not in str(page)
    assert [each for told in results for each in told.values() if "error" in each] == []
    assert any(each["frames"] for told in results for each in told.values())


def test_a_second_publish_changes_nothing(pushed: GrafanaClient) -> None:
    publisher = GrafanaPublisher(pushed)
    uids = [_live(uid) for uid in public_uids()]
    first = [publisher.publish(uid, stable_token(SECRET, uid)).path for uid in uids]

    again = [publisher.publish(uid, stable_token(SECRET, uid)) for uid in uids]

    assert [each.path for each in again] == first
    assert {each.change for each in again} == {"unchanged"}
