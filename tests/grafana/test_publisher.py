"""The publisher against a server that enforces Grafana's contract: what it does, and that twice is once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from dashboards.grafana.client import GrafanaError, RefusedError
from dashboards.grafana.publisher import Change, GrafanaPublisher, fingerprint, stable_token
from tests.grafana.contract_grafana import ContractGrafana
from tests.grafana.contract_server import EDITOR, contract_server
from tests.grafana.publisher_kit import CITY, SECRET, UNITS, dashboard, publisher


@pytest.fixture
def grafana() -> Iterator[ContractGrafana]:
    with contract_server() as server:
        yield server


@pytest.fixture
def ours(grafana: ContractGrafana) -> Iterator[GrafanaPublisher]:
    """An admin's publisher."""
    with publisher(grafana) as made:
        yield made


def test_a_folder_is_created_once_and_then_left_alone(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    told = [ours.folder("caseclock", "Caseclock") for _ in range(2)]

    assert told == [Change.CREATED, Change.UNCHANGED]
    assert grafana.folders["caseclock"]["title"] == "Caseclock"
    assert grafana.changes == [("POST", "/api/folders")]


def test_a_folder_with_another_title_gets_ours(grafana: ContractGrafana, ours: GrafanaPublisher) -> None:
    ours.folder("caseclock", "Đồng hồ")

    assert ours.folder("caseclock", "Caseclock – công khai") is Change.UPDATED
    assert grafana.folders["caseclock"]["title"] == "Caseclock – công khai"


def test_a_dashboard_is_pushed_into_its_folder_with_a_message_that_names_version_and_content(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    ours.folder("caseclock", "Caseclock")

    told = ours.push(dashboard(), "caseclock", "caseclock 1.2.0")

    stored = grafana.dashboards[CITY]
    assert told is Change.CREATED
    assert (stored.folder, stored.model["title"]) == ("caseclock", CITY)
    assert stored.messages == [f"caseclock 1.2.0 {fingerprint(dashboard())}"]


@pytest.mark.parametrize("stores_otherwise", [False, True])
def test_pushed_again_it_is_not_saved_again_also_where_grafana_stores_another_form(
    grafana: ContractGrafana, ours: GrafanaPublisher, stores_otherwise: bool
) -> None:
    grafana.stores_otherwise = stores_otherwise
    ours.folder("caseclock", "Caseclock")
    ours.push(dashboard(), "caseclock", "caseclock 1.2.0")

    told = ours.push(dashboard(), "caseclock", "caseclock 1.3.0")

    assert told is Change.UNCHANGED
    assert len(grafana.dashboards[CITY].messages) == 1


@pytest.mark.parametrize("stores_otherwise", [False, True])
def test_what_somebody_changed_by_hand_is_overwritten(
    grafana: ContractGrafana, ours: GrafanaPublisher, stores_otherwise: bool
) -> None:
    grafana.stores_otherwise = stores_otherwise
    ours.folder("caseclock", "Caseclock")
    ours.push(dashboard(), "caseclock", "caseclock")
    grafana.dashboards[CITY].model["title"] = "by hand"
    grafana.dashboards[CITY].messages.append("by hand")

    assert ours.push(dashboard(), "caseclock", "caseclock") is Change.UPDATED
    assert grafana.dashboards[CITY].model["title"] == CITY


def test_a_dashboard_in_another_folder_is_brought_back(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    for folder in ("caseclock", "elsewhere"):
        ours.folder(folder, folder)
    ours.push(dashboard(), "elsewhere", "caseclock")

    assert ours.push(dashboard(), "caseclock", "caseclock") is Change.UPDATED
    assert grafana.dashboards[CITY].folder == "caseclock"


def test_a_provisioned_dashboard_is_not_pushed_and_the_line_says_why(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())

    with pytest.raises(RefusedError, match=f"{CITY} is provisioned from a file and cannot be pushed"):
        ours.push(dashboard(title="another"), "caseclock-public", "caseclock")

    assert grafana.changes == []


def test_a_dashboard_that_became_provisioned_meanwhile_is_told_in_the_same_line(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    ours.folder("caseclock", "Caseclock")

    async def provisions(request: web.Request) -> web.StreamResponse | None:
        if request.method == "POST":
            grafana.provision(dashboard(), "caseclock")
        return None

    grafana.hook = provisions

    with pytest.raises(RefusedError, match="is provisioned from a file"):
        ours.push(dashboard(), "caseclock", "caseclock")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, f"{CITY} was not taken .400, Dashboard title cannot be empty."),
        ({"panels": [{"id": 1}, {"id": 1}]}, "panels need ids of their own"),
        ({"refresh": "1s"}, "refresh interval is too low"),
    ],
)
def test_a_dashboard_that_grafana_refuses_is_named_with_grafanas_reason(
    ours: GrafanaPublisher, wrong: dict[str, Any], words: str
) -> None:
    ours.folder("caseclock", "Caseclock")

    with pytest.raises(GrafanaError, match=words):
        ours.push({**dashboard(), **wrong}, "caseclock", "caseclock")


def test_a_dashboard_is_made_public_and_a_visitor_has_opened_it(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())

    done = ours.publish(CITY)

    shown = grafana.public[CITY]
    assert (done.change, done.moved) == (Change.CREATED, False)
    assert done.path == f"/public-dashboards/{shown['accessToken']}"
    assert (shown["isEnabled"], shown["timeSelectionEnabled"], shown["annotationsEnabled"]) == (
        True,
        False,
        False,
    )
    assert grafana.seen[-1] == ("GET", f"/api/public/dashboards/{shown['accessToken']}", False)


def test_published_again_nothing_is_sent_but_questions(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())
    first = ours.publish(CITY)
    before = len(grafana.changes)

    again = ours.publish(CITY)

    assert (again.change, again.path) == (Change.UNCHANGED, first.path)
    assert len(grafana.changes) == before


@pytest.mark.parametrize(
    "by_hand", [{"isEnabled": False}, {"timeSelectionEnabled": True}, {"annotationsEnabled": True}]
)
def test_what_somebody_set_otherwise_is_set_back_under_the_same_address(
    grafana: ContractGrafana, ours: GrafanaPublisher, by_hand: dict[str, bool]
) -> None:
    grafana.provision(dashboard())
    first = ours.publish(CITY)
    grafana.public[CITY] |= by_hand

    again = ours.publish(CITY)

    assert (again.change, again.path, again.moved) == (Change.UPDATED, first.path, False)
    assert grafana.changes[-1][0] == "PATCH"


def test_a_token_is_a_uuid_of_32_digits_that_depends_on_secret_and_dashboard_alone() -> None:
    tokens = {stable_token(secret, uid) for secret in (SECRET, SECRET + "!") for uid in (CITY, UNITS)}

    assert len(tokens) == 4
    assert stable_token(SECRET, CITY) == "e0e9fca28ec741b5b25d036668a86f11"
    assert all(uuid.UUID(token).hex == token and uuid.UUID(token).version == 4 for token in tokens)


def test_with_a_secret_a_new_installation_has_the_old_addresses() -> None:
    paths = []
    for _ in range(2):
        with contract_server() as grafana, publisher(grafana) as ours:
            grafana.provision(dashboard())
            paths.append(ours.publish(CITY, stable_token(SECRET, CITY)).path)

    assert paths == [f"/public-dashboards/{stable_token(SECRET, CITY)}"] * 2


def test_a_secret_that_came_later_replaces_the_address_once_and_says_so(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())
    ours.publish(CITY)
    token = stable_token(SECRET, CITY)

    told = [ours.publish(CITY, token) for _ in range(2)]

    assert [(each.change, each.moved) for each in told] == [(Change.UPDATED, True), (Change.UNCHANGED, False)]
    assert grafana.public[CITY]["accessToken"] == token
    assert [method for method, _ in grafana.changes] == ["POST", "DELETE", "POST"]


def test_an_address_that_another_dashboard_has_is_not_taken_from_it(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())
    grafana.provision(dashboard(UNITS))
    token = stable_token(SECRET, CITY)
    ours.publish(UNITS, token)

    with pytest.raises(GrafanaError, match="Access Token already exists"):
        ours.publish(CITY, token)


def test_two_who_publish_at_once_both_succeed(grafana: ContractGrafana, ours: GrafanaPublisher) -> None:
    grafana.provision(dashboard())
    token = stable_token(SECRET, CITY)

    async def other_was_faster(request: web.Request) -> web.StreamResponse | None:
        if request.method == "POST":
            grafana.hook = None
            await grafana.create_public(request)
        return None

    grafana.hook = other_was_faster
    done = ours.publish(CITY, token)

    assert done.path.endswith(token)
    assert [method for method, _ in grafana.changes] == ["POST"]


def test_one_who_undoes_it_meanwhile_is_found_out(grafana: ContractGrafana, ours: GrafanaPublisher) -> None:
    grafana.provision(dashboard())

    async def undoes(request: web.Request) -> web.StreamResponse | None:
        for found in grafana.public.values():
            found["isEnabled"] = False
        return None

    grafana.hook = undoes

    with pytest.raises(GrafanaError, match=f"{CITY} is not public as it was set"):
        ours.publish(CITY)


def test_a_page_that_a_visitor_cannot_open_is_not_called_public(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())

    async def shuts_out(request: web.Request) -> web.StreamResponse | None:
        if request.path.startswith("/api/public"):
            return web.json_response({"message": "Unauthorized"}, status=401)
        return None

    grafana.hook = shuts_out

    with pytest.raises(GrafanaError, match="a visitor cannot open it"):
        ours.publish(CITY)


def test_a_server_without_public_dashboards_is_told_with_the_setting_to_change(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())
    grafana.public_switched_on = False

    with pytest.raises(GrafanaError, match="switched off; set enabled = true under \\[public_dashboards\\]"):
        ours.publish(CITY)


def test_an_editor_may_push_and_is_told_what_he_lacks_to_publish(grafana: ContractGrafana) -> None:
    with publisher(grafana, sign_in=EDITOR) as editor:
        editor.folder("caseclock", "Caseclock")
        pushed = editor.push(dashboard(), "caseclock", "caseclock")

        with pytest.raises(RefusedError, match="give our account the role Admin"):
            editor.publish(CITY)

    assert pushed is Change.CREATED
    assert grafana.public == {}


def test_dashboards_that_grafana_has_not_read_yet_are_waited_for(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    async def reads_files(request: web.Request) -> web.StreamResponse | None:
        if len(grafana.seen) > 2:
            grafana.provision(dashboard())
        return None

    grafana.hook = reads_files

    ours.wait_for([CITY], 10)

    assert [path for _, path, _ in grafana.seen] == [f"/api/dashboards/uid/{CITY}"] * 3


def test_the_wait_for_dashboards_ends_and_names_those_that_are_missing(
    grafana: ContractGrafana, ours: GrafanaPublisher
) -> None:
    grafana.provision(dashboard())

    with pytest.raises(GrafanaError, match=f"there is no dashboard {UNITS} yet"):
        ours.wait_for([CITY, UNITS], 0.2)


def test_a_data_source_is_missing_only_where_grafana_says_so(grafana: ContractGrafana) -> None:
    with publisher(grafana) as admin, publisher(grafana, sign_in=EDITOR) as editor:
        before = admin.has_data_source("clock"), editor.has_data_source("clock")
        grafana.sources["clock"] = "grafana-clickhouse-datasource"

        assert before == (False, True)  # an editor may not know
        assert admin.has_data_source("clock")
