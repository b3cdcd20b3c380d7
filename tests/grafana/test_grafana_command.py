"""`caseclock grafana build | push | publish` as it is typed: what it prints, how it ends, that twice is once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from caseclock import cli
from caseclock.errors import ExitCode
from dashboards.grafana.build import dashboards, folder_of, public_uids
from dashboards.grafana.names import DATA_SOURCE, DATA_SOURCE_TYPE, FOLDERS
from dashboards.grafana.publisher import stable_token
from tests.grafana.contract_grafana import ContractGrafana
from tests.grafana.contract_server import EDITOR, TOKEN, contract_server
from tests.grafana.publisher_kit import SECRET


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CASECLOCK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def grafana(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ContractGrafana]:
    """An empty Grafana with our data source, and the settings that lead there as an admin."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with contract_server() as server:
        server.sources[DATA_SOURCE] = DATA_SOURCE_TYPE
        monkeypatch.setenv("CASECLOCK_GRAFANA__URL", server.url + "/")
        monkeypatch.setenv("CASECLOCK_GRAFANA__TOKEN_FILE", "token")
        yield server


class Told:
    """What a command printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], words: str) -> None:
        self.code = cli.main(["grafana", *words.split()])
        out, self.err = capsys.readouterr()
        self.lines = out.splitlines()
        assert TOKEN not in out + self.err

    @property
    def last(self) -> str:
        return self.err.splitlines()[-1].removeprefix("caseclock grafana: ")


def provision(grafana: ContractGrafana) -> None:
    for uid, model in dashboards().items():
        grafana.provision(model, folder_of(uid))


def test_build_writes_the_files_and_finds_nothing_to_change_the_second_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Told(capsys, f"build --out {tmp_path}/files")
    second = Told(capsys, f"build --out {tmp_path}/files")

    files = sorted(str(path) for path in (tmp_path / "files").rglob("*") if path.is_file())
    assert (first.code, second.code) == (0, 0)
    assert sorted(first.lines) == files
    assert len(files) > len(dashboards())
    assert (second.lines, second.last) == ([], f"nothing had to be changed in {tmp_path}/files")


def test_build_check_names_what_differs_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Told(capsys, f"build --out {tmp_path}/files")
    same = Told(capsys, f"build --check --out {tmp_path}/files")
    (damaged,) = (tmp_path / "files").rglob("caseclock-city.json")
    damaged.write_text("{}")

    other = Told(capsys, f"build --check --out {tmp_path}/files")

    assert (same.code, same.lines) == (0, [])
    assert other.code == ExitCode.USE
    assert ["caseclock-city.json" in line for line in other.lines] == [True]
    assert damaged.read_text() == "{}"


def test_build_touches_nothing_in_a_folder_that_holds_what_is_not_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.txt").write_text("years of work")

    told = Told(capsys, f"build --out {tmp_path}/home")

    assert told.code == ExitCode.USE
    assert "thesis.txt is not made by us" in told.last
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.txt"]


def test_push_fills_an_empty_grafana_and_has_nothing_to_do_the_second_time(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Told(capsys, "push")
    sent = len(grafana.changes)
    second = Told(capsys, "push")

    assert (first.code, first.last) == (0, "done")
    assert {uid: stored.folder for uid, stored in grafana.dashboards.items()} == {
        uid: folder_of(uid) for uid in dashboards()
    }
    assert {uid: folder["title"] for uid, folder in grafana.folders.items()} == FOLDERS
    assert (second.code, second.last) == (0, "nothing had to be changed")
    assert len(grafana.changes) == sent == len(dashboards()) + len(FOLDERS)


def test_push_says_that_the_data_source_is_missing(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str]
) -> None:
    grafana.sources.clear()

    told = Told(capsys, "push")

    assert told.code == 0
    assert f"there is no data source {DATA_SOURCE} yet" in told.err


def test_push_leaves_provisioned_dashboards_alone_and_says_why(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str]
) -> None:
    provision(grafana)

    told = Told(capsys, "push")

    assert told.code == ExitCode.USE
    assert "is provisioned from a file and cannot be pushed" in told.last


def test_publish_prints_the_addresses_and_the_same_ones_the_second_time(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str]
) -> None:
    provision(grafana)

    first, second = Told(capsys, "publish"), Told(capsys, "publish")

    tokens = {uid: shown["accessToken"] for uid, shown in grafana.public.items()}
    assert (first.code, second.code) == (0, 0)
    assert set(tokens) == set(public_uids())
    assert first.lines == [f"{uid}  {grafana.url}/public-dashboards/{tokens[uid]}" for uid in public_uids()]
    assert second.lines == first.lines
    assert second.last.endswith("as before: nothing had to be changed")


def test_publish_prints_stable_addresses_as_people_reach_them(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(grafana)
    Told(capsys, "publish")
    monkeypatch.setenv("CASECLOCK_GRAFANA__PUBLIC_SECRET", SECRET)
    monkeypatch.setenv("CASECLOCK_GRAFANA__PUBLIC_URL", "https://so-lieu.example.vn/grafana/")

    told = Told(capsys, "publish")

    base = "https://so-lieu.example.vn/grafana/public-dashboards"
    assert told.lines == [f"{uid}  {base}/{stable_token(SECRET, uid)}" for uid in public_uids()]
    assert told.err.count("has a new address, the old one has ended") == len(public_uids())
    assert SECRET not in told.err


def test_publish_waits_for_grafana_and_then_for_its_files_by_one_deadline(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str]
) -> None:
    async def starts(request: web.Request) -> web.StreamResponse | None:
        if len(grafana.seen) == 1:
            return web.json_response({"database": "failing"}, status=503)
        if len(grafana.seen) == 3:
            provision(grafana)
        return None

    grafana.hook = starts

    told = Told(capsys, "publish --wait 30")

    assert told.code == 0
    assert len(told.lines) == len(public_uids())


def test_publish_without_the_dashboards_is_told_what_comes_first(
    grafana: ContractGrafana, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Told(capsys, "publish")

    assert told.code == ExitCode.DEPENDENCY
    assert "`caseclock grafana push`" in told.last
    assert grafana.changes == []


@pytest.mark.parametrize(
    ("setting", "value", "code", "words"),
    [
        ("URL", "http://127.0.0.1:1", ExitCode.DEPENDENCY, "cannot be reached (Connection refused)"),
        ("URL", "https", ExitCode.USE, "CASECLOCK_GRAFANA__URL: is no http(s)://host:port"),
        ("URL", "http://admin:secret@host", ExitCode.USE, "CASECLOCK_GRAFANA__URL: holds a user"),
        ("URL", "http://host:x", ExitCode.USE, "CASECLOCK_GRAFANA__URL: is no URL"),
        ("URL", "http://host/?orgId=1", ExitCode.USE, "CASECLOCK_GRAFANA__URL: has something after a ?"),
        ("TOKEN_FILE", "wrong", ExitCode.USE, "does not know us"),
        ("TOKEN_FILE", "editor", ExitCode.USE, "give our account the role Admin"),
        ("TOKEN_FILE", "broken", ExitCode.USE, "is no token of Grafana"),
        ("USER", "admin", ExitCode.USE, "token and user are both set"),
        ("PUBLIC_SECRET", "short", ExitCode.USE, "CASECLOCK_GRAFANA__PUBLIC_SECRET: is too weak"),
        ("CA_FILE", "nowhere.pem", ExitCode.USE, "nowhere.pem is no file"),
    ],
)
def test_what_is_wrong_is_one_line_and_its_exit_code(
    *,
    setting: str,
    value: str,
    code: int,
    words: str,
    grafana: ContractGrafana,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provision(grafana)
    Path("wrong").write_text("glsa_of-nobody")
    Path("editor").write_text(EDITOR)
    Path("broken").write_text("two\nlines")
    monkeypatch.setenv(f"CASECLOCK_GRAFANA__{setting}", value)

    told = Told(capsys, "publish")

    assert told.code == code
    assert words in told.last
    assert told.lines == []
    assert "secret@" not in told.err


@pytest.mark.parametrize("user", [None, "admin"])
def test_who_we_are_has_to_be_said(
    user: str | None,
    grafana: ContractGrafana,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CASECLOCK_GRAFANA__TOKEN_FILE")
    if user:
        monkeypatch.setenv("CASECLOCK_GRAFANA__USER", user)

    told = Told(capsys, "push")

    assert told.code == ExitCode.USE
    assert ("a user and a password belong together" if user else "CASECLOCK_GRAFANA__TOKEN_FILE") in told.err
    assert grafana.seen == []


@pytest.mark.parametrize(
    "words", ["", "open", "push --wait", "push --wait x", "publish --wait -1", "build --wait 3"]
)
def test_wrong_use_says_where_to_look(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["grafana", *words.split()])

    assert ended.value.code == ExitCode.USE
    assert "--help" in capsys.readouterr().err
