"""The command line: what it accepts, what it hands to a command, how it ends."""

import argparse
import importlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

from caseclock import cli
from caseclock.arguments import build_parser
from caseclock.errors import KNOWN, CaseclockError, ExitCode
from caseclock.settings import Settings

Body = Callable[[argparse.Namespace, Settings], int]
COMMANDS = ("demo", "run", "ingest", "replay", "explain", "dead-letters", "check")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CASECLOCK_")]:
        monkeypatch.delenv(name)


def does(monkeypatch: pytest.MonkeyPatch, command: str, body: Body) -> None:
    """Let a command do this and nothing else."""
    name = f"caseclock.commands.{command.replace('-', '_')}"
    module = ModuleType(name)
    module.run = body  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)


def fails(monkeypatch: pytest.MonkeyPatch, command: str, error: BaseException) -> None:
    def body(_args: argparse.Namespace, _settings: Settings) -> int:
        raise error

    does(monkeypatch, command, body)


def test_a_command_gets_its_arguments_and_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[argparse.Namespace, Settings]] = []

    def body(args: argparse.Namespace, settings: Settings) -> int:
        seen.append((args, settings))
        return 1

    does(monkeypatch, "replay", body)
    monkeypatch.setenv("CASECLOCK_PROFILE", "one_stop")
    monkeypatch.setenv("CASECLOCK_KAFKA__GROUP_ID", "counters")
    words = "a.csv - --mapping m.yaml --as-of 2026-02-11T07:00:00+07:00 --profile instant --calendar always"

    code = cli.main(["replay", *words.split(), "--out", "numbers", "--strict"])

    ((args, settings),) = seen
    assert code == 1
    assert args.files == ["a.csv", "-"]
    assert (args.mapping, args.out) == (Path("m.yaml"), Path("numbers"))
    assert args.as_of == 1_770_768_000_000_000
    assert (args.strict, args.on_services) == (True, False)
    assert (settings.profile, settings.calendar, settings.kafka.group_id) == ("instant", "always", "counters")


@pytest.mark.parametrize("words", [["--config", "mine.toml", "check"], ["check", "--config", "mine.toml"]])
def test_the_settings_file_may_be_named_before_or_after_the_command(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mine.toml").write_text('profile = "instant"\n')
    does(monkeypatch, "check", lambda _, settings: {"instant": 0}.get(settings.profile, 1))

    assert cli.main(words) == 0


@pytest.mark.parametrize(
    "words",
    [
        "demo --port 0 --duration 2.5 --seed 7 --no-browser",
        "run",
        "ingest a.ndjson b.ndjson.gz --strict",
        "replay - --out numbers --on-services",
        "explain H26.1-260101-0001",
        "dead-letters list --limit 5",
        "dead-letters replay --limit 5 --dry-run",
        "demo --clickhouse-http 0",
        "grafana build --out d --check",
        "grafana push --wait 5",
        "grafana publish --wait 60",
        "check",
    ],
)
def test_every_promised_option_is_there(words: str) -> None:
    assert build_parser().parse_args(words.split()).command == words.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "fly",
        "demo --port 70000",
        "demo --duration nan",
        "demo --seed x",
        "ingest",
        "replay a.csv",
        "replay a.csv --out d --as-of 2026-02-11",
        "replay a.csv --out d --stric",
        "explain",
        "dead-letters",
        "dead-letters list --limit 0",
        "dead-letters fly",
    ],
)
def test_wrong_use_is_one_line_that_says_where_to_look(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words.split())

    out, err = capsys.readouterr()
    assert ended.value.code == ExitCode.USE
    assert out == ""
    assert err.count("\n") == 1
    assert "--help" in err


@pytest.mark.parametrize("code", [ExitCode.USE, ExitCode.DEPENDENCY])
def test_an_error_is_one_line_and_its_exit_code(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails(monkeypatch, "check", CaseclockError("the door is shut: open it", code))

    assert cli.main(["check"]) == code
    assert capsys.readouterr() == ("", "caseclock check: the door is shut: open it\n")


@pytest.mark.parametrize("name", KNOWN)
def test_errors_of_other_rooms_are_known_by_their_class(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module, _, kind = name.rpartition(".")
    fails(monkeypatch, "check", getattr(importlib.import_module(module), kind)("the door\nis shut"))

    assert cli.main(["check"]) == KNOWN[name]
    assert capsys.readouterr().err == "caseclock check: the door is shut\n"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.csv"), ExitCode.USE, "a.csv: No such file"),
        (ConnectionRefusedError(111, "Connection refused"), ExitCode.DEPENDENCY, "Connection refused"),
        (TimeoutError("too slow"), ExitCode.DEPENDENCY, "too slow"),
        (ModuleNotFoundError("no", name="chdb"), ExitCode.DEPENDENCY, "pip install 'caseclock[embedded]'"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "stopped"),
    ],
)
def test_what_the_system_says_is_told_in_a_line_too(
    error: BaseException,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fails(monkeypatch, "run", error)

    assert cli.main(["run"]) == code
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert says in err


def test_a_defect_is_one_line_without_any_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails(monkeypatch, "run", KeyError("Nguyễn Văn A"))

    assert cli.main(["run"]) == ExitCode.DEFECT
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "KeyError at caseclock/cli.py:" in err or "KeyError at tests/caseclock/test_cli_frame.py:" in err
    assert "Nguyễn" not in err


def test_who_looks_for_a_defect_sees_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails(monkeypatch, "run", KeyError("x"))
    monkeypatch.setenv("CASECLOCK_DEBUG", "1")

    assert cli.main(["run"]) == ExitCode.DEFECT
    assert "Traceback" in capsys.readouterr().err


def test_every_wrong_setting_has_its_own_line_and_no_command_begins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails(monkeypatch, "replay", AssertionError("it began"))
    monkeypatch.setenv("CASECLOCK_BOARD__LISTEN", "everywhere")

    code = cli.main(["replay", "a", "--out", "b", "--profile", "fast"])

    lines = capsys.readouterr().err.splitlines()
    assert code == ExitCode.USE
    assert [line.split(": ")[1] for line in lines] == ["--profile", "CASECLOCK_BOARD__LISTEN"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_promised_command_is_there(command: str) -> None:
    name = f"caseclock.commands.{command.replace('-', '_')}"

    assert importlib.util.find_spec(name) is not None
    assert callable(importlib.import_module(name).run)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_english_and_vietnamese(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])

    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert any(letter in out for letter in "ạảấầậắặếệịọộờợủụừử")


def started(*words: str, code: str | None = None) -> "subprocess.Popen[str]":
    """`caseclock`, or a program of the test's, as a process of its own."""
    command = [sys.executable, *(["-c", code] if code else ["-m", "caseclock"]), *words]
    environ = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def test_it_is_a_command_and_a_module_and_knows_its_version() -> None:
    script = Path(sys.executable).with_name("caseclock")

    told = subprocess.run([script, "--version"], capture_output=True, text=True, check=True).stdout
    module, _ = started("--version").communicate(timeout=20)

    assert told == module == f"caseclock {version('caseclock')}\n"


def test_help_waits_for_no_heavy_library() -> None:
    code = (
        "import sys; from caseclock.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print({'pydantic', 'faust', 'chdb', 'kafka', 'rich', 'numpy'} & {*sys.modules})"
    )

    out, _ = started(code=code).communicate(timeout=20)

    assert out.splitlines()[-1] == "set()"


BUSY = """
import sys, types, caseclock.commands
from caseclock.cli import main
def run(args, settings):
    {body}
    return 0
sys.modules['caseclock.commands.check'] = types.SimpleNamespace(run=run)
sys.exit(main(['check']))
"""


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = started(code=BUSY.format(body="[print('x' * 1000) for _ in range(1000)]"))

    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait(timeout=20)) == ("", ExitCode.PIPE)


def test_ctrl_c_ends_it_in_one_line() -> None:
    process = started(code=BUSY.format(body="print('busy', flush=True); import time; time.sleep(30)"))

    assert process.stdout is not None
    assert process.stdout.readline() == "busy\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (out, err) == ("", "caseclock check: stopped\n")
    assert process.returncode == ExitCode.INTERRUPTED
