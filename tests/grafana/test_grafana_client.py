"""Grafana over HTTP: what goes wrong on the way, told in one line that says what to do and holds no secret."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from dashboards.grafana.client import AwayError, GrafanaAccess, GrafanaClient, GrafanaError, RefusedError
from tests.grafana.contract_grafana import ContractGrafana, Hook
from tests.grafana.contract_server import PREFIX, TOKEN, USER, contract_server
from tests.grafana.publisher_kit import access
from tests.missing import missing

CLOSED = "http://127.0.0.1:1"
WRONG = "glsa_a-token-that-nobody-gave"


@pytest.fixture
def grafana() -> Iterator[ContractGrafana]:
    with contract_server() as server:
        yield server


def refusal(client: GrafanaClient, ask: Callable[[GrafanaClient], object]) -> GrafanaError:
    """The error of a request; one line without the token."""
    with pytest.raises(GrafanaError) as raised:
        ask(client)
    client.close()
    assert "\n" not in str(raised.value)
    assert WRONG not in str(raised.value)
    assert TOKEN not in str(raised.value)
    return raised.value


def answers(make: Callable[[web.Request], web.StreamResponse]) -> Hook:
    """A server that always answers so."""

    async def hook(request: web.Request) -> web.StreamResponse | None:
        return make(request)

    return hook


@pytest.mark.parametrize("sign_in", [TOKEN, USER])
@pytest.mark.parametrize("path", ["", PREFIX])
def test_a_token_and_a_vietnamese_password_are_taken_also_under_a_path(
    grafana: ContractGrafana, sign_in: str | tuple[str, str], path: str
) -> None:
    client = GrafanaClient(access(grafana, url=grafana.url + path, sign_in=sign_in))

    assert client.health() == "13.2.3"
    assert client.find("/folders/nowhere") is None
    assert grafana.seen[-1] == ("GET", f"{path}/api/folders/nowhere", True)
    client.close()


@pytest.mark.parametrize("sign_in", [WRONG, ("quản trị", WRONG)])
def test_who_is_not_known_is_told_what_to_correct(grafana: ContractGrafana, sign_in: Any) -> None:
    told = refusal(GrafanaClient(access(grafana, sign_in=sign_in)), lambda it: it.find("/folders/x"))

    assert isinstance(told, RefusedError)
    assert "does not know us (Invalid" in str(told)
    assert "correct token, or user and password" in str(told)


def test_an_address_where_nobody_answers_is_told_with_the_systems_reason() -> None:
    told = refusal(GrafanaClient(GrafanaAccess(CLOSED, TOKEN)), lambda it: it.health())

    assert isinstance(told, AwayError)
    assert (
        str(told)
        == f"{CLOSED}: cannot be reached (Connection refused); start Grafana, or correct url of [grafana]"
    )


@pytest.mark.parametrize(
    "answer",
    [
        web.json_response,
        lambda: web.Response(text="<html>a message</html>", content_type="text/html"),
        lambda: web.Response(text="<html>a message</html>", content_type="text/html", status=404),
        lambda: web.Response(text="not here", status=404),
        lambda: web.json_response([1], status=404),
        lambda: web.json_response(["database"]),
        lambda: web.Response(text="Client sent an HTTP request to an HTTPS server.", status=400),
    ],
)
def test_another_program_is_not_taken_for_grafana_and_not_waited_for(
    grafana: ContractGrafana, answer: Callable[[], web.StreamResponse]
) -> None:
    grafana.hook = answers(lambda _: answer())

    told = refusal(GrafanaClient(access(grafana)), lambda it: it.wait(30))

    assert str(told) == f"{grafana.url}: answers, but not as Grafana does; correct url of [grafana]"
    assert len(grafana.seen) == 1


def test_a_redirection_is_not_followed_because_it_would_turn_a_post_into_a_get(
    grafana: ContractGrafana,
) -> None:
    grafana.hook = answers(lambda _: web.Response(status=302, headers={"Location": "/login"}))

    def create(client: GrafanaClient) -> None:
        with client.asking():
            client.face.folder.create_folder("x", "x")

    told = refusal(GrafanaClient(access(grafana)), create)

    assert "sends us to another address; write that one" in str(told)
    assert len(grafana.seen) == 1


@pytest.mark.parametrize("body", ["", "<html>502</html>", '{"message": "database is locked"}'])
def test_a_server_that_fails_is_told_with_where_to_look(grafana: ContractGrafana, body: str) -> None:
    grafana.hook = answers(lambda _: web.Response(status=502, text=body))

    told = refusal(GrafanaClient(access(grafana)), lambda it: it.find("/folders/x"))

    assert isinstance(told, AwayError)
    assert "Grafana fails (502" in str(told)
    assert ("database is locked" in str(told)) == ("message" in body)


def test_silence_ends_with_the_timeout(grafana: ContractGrafana) -> None:
    async def silent(_request: web.Request) -> web.StreamResponse | None:
        await asyncio.sleep(1.5)
        return None

    grafana.hook = silent
    began = time.monotonic()

    told = refusal(GrafanaClient(access(grafana, timeout_s=0.2)), lambda it: it.health())

    assert "no answer in time" in str(told)
    assert time.monotonic() - began < 1.4


def test_a_grafana_that_starts_is_waited_for(grafana: ContractGrafana) -> None:
    async def starts(_request: web.Request) -> web.StreamResponse | None:
        return web.json_response({"database": "failing"}, status=503) if len(grafana.seen) < 3 else None

    grafana.hook = starts
    client = GrafanaClient(access(grafana))

    assert client.wait(30) == "13.2.3"
    assert [signed for _, _, signed in grafana.seen] == [False] * 3
    client.close()


@pytest.mark.parametrize("silent", [False, True])
def test_the_wait_for_grafana_has_an_end(grafana: ContractGrafana, silent: bool) -> None:
    async def sick(_request: web.Request) -> web.StreamResponse | None:
        if silent:
            await asyncio.sleep(1.5)
        return web.json_response({"database": "failing"})

    grafana.hook = sick
    began = time.monotonic()

    told = refusal(GrafanaClient(access(grafana)), lambda it: it.wait(0.7))

    assert isinstance(told, AwayError)
    assert 0.6 < time.monotonic() - began < 1.4


def test_a_removal_may_be_answered_with_nothing_but_not_with_a_page(grafana: ContractGrafana) -> None:
    grafana.hook = answers(lambda _: web.Response())
    client = GrafanaClient(access(grafana))
    client.delete("/folders/x")

    grafana.hook = answers(lambda _: web.Response(text="<html>"))

    assert "not as Grafana does" in str(refusal(client, lambda it: it.delete("/folders/x")))


def test_tls_where_there_is_none_is_told_at_once(grafana: ContractGrafana) -> None:
    url = grafana.url.replace("http:", "https:")

    told = refusal(GrafanaClient(access(grafana, url=url)), lambda it: it.wait(30))

    assert str(told).startswith(f"{url}: TLS fails (")
    assert not isinstance(told, AwayError)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody knows, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("TLS to Grafana", "openssl is not installed: apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    names = folder / "certificate.pem", folder / "key.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [
            openssl,
            *words.split(),
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-out",
            names[0],
            "-keyout",
            names[1],
        ],
        check=True,
        capture_output=True,
    )
    return names


def test_a_certificate_is_believed_when_its_authority_is_named_and_only_then(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    with contract_server(context) as grafana:
        client = GrafanaClient(access(grafana, ca_file=certificate[0]))
        assert client.health() == "13.2.3"
        client.close()

        unknown = refusal(GrafanaClient(access(grafana)), lambda it: it.wait(30))
        unreadable = refusal(GrafanaClient(access(grafana, ca_file=junk)), lambda it: it.wait(0))

    assert "TLS fails (self-signed certificate); correct url, or name the authority in ca_file" in str(
        unknown
    )
    assert "in ca_file" in str(unreadable)


def test_a_file_of_authorities_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"ca_file of \[grafana\]: .*nowhere.pem is no file"):
        GrafanaClient(GrafanaAccess("https://127.0.0.1:1", TOKEN, tmp_path / "nowhere.pem"))


def test_a_proxy_that_fails_is_told_as_the_proxy(
    grafana: ContractGrafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", CLOSED)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")

    told = refusal(GrafanaClient(access(grafana)), lambda it: it.health())

    assert "the proxy of the environment fails" in str(told)


def test_who_we_are_is_not_shown_where_the_access_is() -> None:
    assert TOKEN not in repr(GrafanaAccess(CLOSED, TOKEN))
