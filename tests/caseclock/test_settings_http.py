"""Settings of what answers over HTTP: the intake's tokens, the staff's address, the board's limits."""

from pathlib import Path

import pytest

from caseclock.settings import Settings, SettingsError, load_settings

TOKEN, OTHER = "a-token-of-an-office", "another-token-of-one"


@pytest.fixture(autouse=True)
def empty_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(**environ: str) -> Settings:
    return load_settings(environ={f"CASECLOCK_{name}": value for name, value in environ.items()})


def problem(**environ: str) -> str:
    with pytest.raises(SettingsError) as raised:
        load(**environ)
    (line,) = raised.value.problems
    return line


def tokens(settings: Settings) -> dict[str, str]:
    return {source: token.get_secret_value() for source, token in settings.intake.tokens.items()}


def test_without_a_word_no_intake_and_no_staff_listener_are_open() -> None:
    settings = load()

    assert settings.intake.tokens == {}
    assert settings.staff.listen is None
    assert not settings.board.listen_was_chosen


def test_sources_have_their_tokens_from_file_and_environment_and_from_files_of_their_own() -> None:
    Path("caseclock.toml").write_text(
        f'[intake.tokens]\n"Sở Y tế" = "{TOKEN}"\n"one.stop_file" = "secret"\n', encoding="utf-8"
    )
    Path("secret").write_text(f"{OTHER}\n")
    Path("third").write_text("a-third-token-of-one")

    settings = load(INTAKE__TOKENS__WARD_FILE="third")

    assert tokens(settings) == {"Sở Y tế": TOKEN, "one.stop": OTHER, "ward": "a-third-token-of-one"}
    assert TOKEN not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"INTAKE__TOKENS__WARD": "short"}, "the token of ward is too weak"),
        ({"INTAKE__TOKENS__WARD": "with a blank in the middle"}, "the token of ward is too weak"),
        ({"INTAKE__TOKENS__WARD": TOKEN, "INTAKE__TOKENS__OTHER": TOKEN}, "give each its own"),
        ({"INTAKE__TOKENS": TOKEN}, "CASECLOCK_INTAKE__TOKENS: is a group of settings; set one of"),
        ({"INTAKE__TOKEN__WARD": TOKEN}, "there is no such setting"),
        ({"INTAKE__TOKENS__WARD": TOKEN, "INTAKE__TOKENS__WARD_FILE": "x"}, "keep one of the two"),
        ({"INTAKE__TOKENS__WARD_FILE": "nowhere"}, "cannot be read"),
        ({"STAFF__LISTEN": "0.0.0.0:9000"}, "not this machine alone"),
        ({"BOARD__CLICKHOUSE_PASSWORD": TOKEN}, "clickhouse_url is not"),
        ({"BOARD__CLICKHOUSE_URL": "store"}, "CASECLOCK_BOARD__CLICKHOUSE_URL: is neither"),
        ({"BOARD__TRUSTED_PROXIES": "10.0.0.7, proxy"}, "CASECLOCK_BOARD__TRUSTED_PROXIES: holds what is no"),
        ({"BOARD__RATE_PER_S": "0"}, "CASECLOCK_BOARD__RATE_PER_S: "),
    ],
)
def test_what_would_not_be_safe_is_refused_in_a_line_without_the_value(
    environ: dict[str, str], why: str
) -> None:
    line = problem(**environ)

    assert why in line
    assert TOKEN not in line


def test_staff_may_be_listened_to_on_this_machine_or_with_a_token() -> None:
    here = load(STAFF__LISTEN="127.0.0.1:9000")
    anywhere = load(STAFF__LISTEN="0.0.0.0:9000", STAFF__TOKEN=TOKEN)

    assert here.staff.listen == ("127.0.0.1", 9000)
    assert anywhere.staff.listen == ("0.0.0.0", 9000)  # noqa: S104  # that is what is tested


def test_an_address_that_was_named_is_known_from_the_default_one_even_if_it_is_the_same() -> None:
    settings = load(BOARD__LISTEN="127.0.0.1:8080", BOARD__TRUSTED_PROXIES="10.0.0.7, 10.1.0.0/16")

    assert settings.board.listen_was_chosen
    assert settings.board.trusted_proxies == "10.0.0.7/32,10.1.0.0/16"
