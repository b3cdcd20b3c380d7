"""Settings: who wins, what is refused, what errors say, and that secrets stay secret."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseclock.settings import Settings, SettingsError, load_settings
from caseclock.settings_sources import NOT_SETTINGS, describe, variable
from tests.doc_blocks import ROOT, blocks_of

KNOWN = describe(Settings)
PAGE = ROOT / "docs/settings.md"


def load(environ: dict[str, str] | None = None, **more: Any) -> Settings:
    return load_settings(environ=environ or {}, **more)


def problems(environ: dict[str, str] | None = None, **more: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load(environ, **more)
    assert all("\n" not in line and line for line in raised.value.problems)
    assert raised.value.exit_code == 2
    return raised.value.problems


@pytest.fixture(autouse=True)
def empty_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_word_everything_stays_on_this_machine() -> None:
    settings = load()

    assert settings.kafka.bootstrap_servers == "127.0.0.1:9092"
    assert settings.kafka.topic_prefix == "caseclock."
    assert settings.kafka.group_id == "caseclock"
    assert settings.clickhouse.url == "http://127.0.0.1:8123/caseclock"
    assert settings.clickhouse.password is None
    assert settings.board.listen == ("127.0.0.1", 8080)
    assert settings.health.listen is None
    assert settings.city.folder is None
    assert (settings.profile, settings.calendar) == ("one_stop", None)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("CASECLOCK_KAFKA__BOOTSTRAP_SERVERS", "one:9092, two:9092", "one:9092,two:9092"),
        ("CASECLOCK_KAFKA__TOPIC_PREFIX", "hanoi.", "hanoi."),
        ("CASECLOCK_KAFKA__GROUP_ID", "counters", "counters"),
        ("CASECLOCK_CLICKHOUSE__URL", "https://writer@store:8443/city", "https://writer@store:8443/city"),
        ("CASECLOCK_BOARD__LISTEN", "", None),
        ("CASECLOCK_BOARD__LISTEN", "[::1]:81", ("::1", 81)),
        ("CASECLOCK_HEALTH__LISTEN", "127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("CASECLOCK_CITY__FOLDER", "/srv/city", Path("/srv/city")),
        ("CASECLOCK_CITY__FOLDER", "", None),
        ("CASECLOCK_PROFILE", "instant", "instant"),
        ("CASECLOCK_CALENDAR", "always", "always"),
        ("CASECLOCK_WORKER__BATCH_ROWS", "100", 100),
    ],
)
def test_the_promised_variables_drive_it_from_outside(name: str, text: str, value: object) -> None:
    found: Any = load({name: text})

    for part in name.removeprefix("CASECLOCK_").lower().split("__"):
        found = getattr(found, part)
    assert found == value


def test_the_environment_wins_over_the_file_and_the_command_line_over_both() -> None:
    Path("caseclock.toml").write_text(
        'profile = "national_766"\ncalendar = "file"\n[kafka]\ngroup_id = "file"\ntopic_prefix = "file."\n'
    )

    settings = load(
        {"CASECLOCK_KAFKA__GROUP_ID": "environment", "CASECLOCK_PROFILE": "one_stop"},
        options={"profile": "instant"},
    )

    assert (settings.profile, settings.calendar) == ("instant", "file")
    assert (settings.kafka.group_id, settings.kafka.topic_prefix) == ("environment", "file.")


def test_a_named_file_is_read_instead_of_the_one_in_the_working_directory() -> None:
    Path("caseclock.toml").write_text('calendar = "here"\n')
    Path("other.toml").write_text('profile = "instant"\n')

    settings = load(config=Path("other.toml"))

    assert (settings.profile, settings.calendar) == ("instant", None)


def test_paths_in_a_file_are_relative_to_the_file() -> None:
    Path("etc").mkdir()
    Path("etc/password").write_text("wide open\n")
    Path("etc/city.toml").write_text('[city]\nfolder = "hanoi"\n[clickhouse]\npassword_file = "password"\n')

    settings = load(config=Path("etc/city.toml"))

    assert settings.city.folder == Path("etc/hanoi")
    assert settings.clickhouse.password is not None
    assert settings.clickhouse.password.get_secret_value() == "wide open"


@pytest.mark.parametrize("key", sorted(KNOWN.secrets))
def test_every_secret_may_be_in_a_file_of_its_own(key: tuple[str, ...]) -> None:
    Path("secret").write_text("a-s3cret-as-long-as-any-must-be\n")
    environ = {
        "CASECLOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "CASECLOCK_KAFKA__SASL_USERNAME": "worker",
        "CASECLOCK_KAFKA__SASL_PASSWORD": "another",
        "CASECLOCK_BOARD__CLICKHOUSE_URL": "http://reader@store/city",
    }
    if key == ("grafana", "password"):
        environ["CASECLOCK_GRAFANA__USER"] = "admin"
    environ.pop(variable(key), None)

    found: Any = load(environ | {variable(key) + "_FILE": "secret"})

    for part in key:
        found = getattr(found, part)
    assert found.get_secret_value() == "a-s3cret-as-long-as-any-must-be"


def test_secrets_show_nowhere_but_to_those_who_ask_for_them() -> None:
    environ = {
        "CASECLOCK_CLICKHOUSE__PASSWORD": "s3cret",
        "CASECLOCK_KAFKA__SASL_PASSWORD": "s3cret",
        "CASECLOCK_KAFKA__SASL_USERNAME": "worker",
    }

    told = problems(environ)
    settings = load(environ | {"CASECLOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL"})

    assert (
        "s3cret" not in f"{told}{settings!r}{settings}{settings.model_dump_json()}{settings.kafka.access()!r}"
    )
    assert settings.kafka.access().sasl_password == "s3cret"  # an invented one


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), ("", "is empty"), (b"\xff\xfe", "is not text")]
)
def test_a_secret_file_that_cannot_be_read_is_an_error(content: str | bytes | None, why: str) -> None:
    if content is not None:
        Path("secret").write_bytes(content.encode() if isinstance(content, str) else content)

    (line,) = problems({"CASECLOCK_CLICKHOUSE__PASSWORD_FILE": "secret"})

    assert line.startswith("CASECLOCK_CLICKHOUSE__PASSWORD_FILE: ")
    assert why in line


def test_a_secret_given_twice_is_an_error() -> None:
    Path("secret").write_text("one")

    (line,) = problems(
        {"CASECLOCK_CLICKHOUSE__PASSWORD": "two", "CASECLOCK_CLICKHOUSE__PASSWORD_FILE": "secret"}
    )

    assert "keep one of the two" in line


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (
            {"CASECLOCK_CITY__FOLDERS": "x"},
            "CASECLOCK_CITY__FOLDERS: there is no such setting; did you mean CASECLOCK_CITY__FOLDER?",
        ),
        (
            {"CASECLOCK_KAFKA_GROUP_ID": "x"},
            "CASECLOCK_KAFKA_GROUP_ID: there is no such setting; did you mean CASECLOCK_KAFKA__GROUP_ID?",
        ),
        (
            {"CASECLOCK_COLOUR": "x"},
            "CASECLOCK_COLOUR: there is no such setting; remove it; docs/settings.md lists all there are",
        ),
        (
            {"CASECLOCK_CITY": "x"},
            "CASECLOCK_CITY: is a group of settings; set one of CASECLOCK_CITY__FOLDER, CASECLOCK_CITY__CHANGE_REASON",
        ),
        (
            {"CASECLOCK_PROFILE": "fast"},
            "CASECLOCK_PROFILE: is no profile; choose one of one_stop, national_766, instant",
        ),
        (
            {"CASECLOCK_BOARD__LISTEN": "8080"},
            "CASECLOCK_BOARD__LISTEN: is no address; write host:port, like 127.0.0.1:8080",
        ),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(environ: dict[str, str], line: str) -> None:
    assert problems(environ) == (line,)


def test_all_problems_are_told_at_once_by_the_names_their_givers_used() -> None:
    Path("caseclock.toml").write_text('colour = "red"\n[kafka]\ngroup = "x"\n[worker.more]\nx = 1\n')

    told = problems({"CASECLOCK_SPEED": "high"})

    assert [line.split(": there is no")[0] for line in told] == [
        "caseclock.toml: colour",
        "caseclock.toml: kafka.group",
        "caseclock.toml: worker.more",
        "CASECLOCK_SPEED",
    ]
    assert "did you mean kafka.group_id?" in told[1]


def test_a_wrong_value_is_named_by_where_it_was_given() -> None:
    Path("caseclock.toml").write_text("[worker]\nbatch_rows = 0\nbatch_ms = []\n")

    told = problems({"CASECLOCK_WORKER__PARTITIONS": "many"})

    assert [line.split(":")[:2] for line in told] == [
        ["CASECLOCK_WORKER__PARTITIONS", told[0].split(":")[1]],
        ["caseclock.toml", " worker.batch_rows"],
        ["caseclock.toml", " worker.batch_ms"],
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"profile = \n", "is not TOML"), (b"# \xff\n", "is not TOML"), (None, "No such file or directory")],
)
def test_a_settings_file_that_cannot_be_read_is_an_error(content: bytes | None, why: str) -> None:
    if content is not None:
        Path("mine.toml").write_bytes(content)

    (line,) = problems(config=Path("mine.toml"))

    assert line.startswith("mine.toml: ")
    assert why in line


def test_variables_for_developers_are_no_settings() -> None:
    names = ["CASECLOCK_TEST_DATA", "CASECLOCK_TEST_ANYTHING", "CASECLOCK_BENCH_EVENTS", "CASECLOCK_DEBUG"]

    assert load(dict.fromkeys(names, "1")) == load()


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", max_size=30))
def test_any_other_variable_of_ours_is_refused(tail: str) -> None:
    name = "CASECLOCK_" + tail
    known = {variable(key) for key in KNOWN.about} | {variable(key) + "_FILE" for key in KNOWN.secrets}

    if name not in known and not name.startswith(NOT_SETTINGS):
        assert problems({name: "x"})[0].startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("url", "means"),
    [
        ("http://127.0.0.1:8123/caseclock", "http://127.0.0.1:8123/caseclock"),
        ("http://store", "http://store:8123/caseclock"),
        ("https://reader@store/", "https://reader@store:8443/caseclock"),
        ("http://[::1]:1/x", "http://[::1]:1/x"),
        ("chdb:///var/lib/caseclock", "chdb:///var/lib/caseclock"),
    ],
)
def test_a_store_is_a_server_or_a_folder(url: str, means: str) -> None:
    clickhouse = load({"CASECLOCK_CLICKHOUSE__URL": url}).clickhouse

    assert clickhouse.url == means
    assert clickhouse.folder == (Path("/var/lib/caseclock") if url.startswith("chdb") else None)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store:8123",
        "ftp://store/x",
        "http://user:s3cret@store:8123/x",
        "http://store:port/x",
        "http://store:8123/a/b",
        "http://store:8123/x?s3cret",
        "chdb://folder",
        "chdb:///",
    ],
)
def test_any_other_store_is_refused_without_repeating_it(url: str) -> None:
    (line,) = problems({"CASECLOCK_CLICKHOUSE__URL": url})

    assert line.startswith("CASECLOCK_CLICKHOUSE__URL: ")
    assert "s3cret" not in line


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"CASECLOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL"}, "needs sasl_username and sasl_password"),
        ({"CASECLOCK_KAFKA__SASL_USERNAME": "worker"}, "security_protocol is not SASL_SSL"),
        ({"CASECLOCK_WORKER__SESSION_TIMEOUT_S": "60"}, "rebalance_timeout_s is shorter"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(environ: dict[str, str], why: str) -> None:
    (line,) = problems(environ)

    assert why in line


def test_settings_cannot_be_changed_and_travel_to_another_process() -> None:
    settings = load({"CASECLOCK_PROFILE": "instant"})

    with pytest.raises(ValueError, match="frozen"):
        settings.profile = "one_stop"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301  # our own bytes


def test_the_documented_file_is_valid() -> None:
    (example,) = [block for block in blocks_of(PAGE.read_text(encoding="utf-8")) if block.kind == "toml"]
    Path("caseclock.toml").write_text(example.body, encoding="utf-8")
    for name in ("kafka-password", "clickhouse-password"):
        Path(name).write_text("invented", encoding="utf-8")

    settings = load()

    assert settings.kafka.ca_file == Path("internal-ca.pem")
    assert settings.clickhouse.url == "https://caseclock_writer@clickhouse.internal:8443/caseclock"


def test_the_documentation_names_every_setting() -> None:
    page = PAGE.read_text(encoding="utf-8")

    missing = [variable(key) for key in KNOWN.about if f"`{variable(key)}`" not in page]
    wordless = [variable(key) for key, about in KNOWN.about.items() if not about or about not in page]

    assert not missing
    assert not wordless
