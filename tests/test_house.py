"""The rules of the house: who may import whom, how long a module is, what is pinned, what is shipped."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]
MAY_IMPORT: Final = {
    "schemas": set[str](),
    "streams": {"schemas"},
    "sinks": {"schemas"},
    "dashboards": {"schemas", "sinks"},
    "caseclock": {"schemas", "streams", "sinks", "dashboards"},
}
OURS: Final = {*MAY_IMPORT, "tests", "bench", "scripts"}
LONGEST: Final = 500
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK: Final = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKS: Final = ["requirements.lock", "scripts/uv.lock"]


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The top-level names a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            names.add("a relative import")
    return names


def requirements(*extras: str) -> dict[str, Requirement]:
    """What pyproject.toml asks for, by canonical name."""
    asked = PROJECT["project"]["dependencies"] + [
        each for extra in extras for each in PROJECT["project"]["optional-dependencies"][extra]
    ]
    found = [Requirement(each) for each in asked]
    return {canonicalize_name(each.name): each for each in found}


def committed() -> list[str]:
    """Every file that is, or may come to be, in the repository."""
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
        return [name for name in names if name and (ROOT / name).is_file()]
    return [
        path.relative_to(ROOT).as_posix()
        for room in (*OURS, "docs")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}

    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imports(path)
        if (name in OURS or name == "a relative import") and name not in allowed
    }

    assert not wrong


@pytest.mark.parametrize(
    ("rooms", "extras"), [([*MAY_IMPORT], ["embedded"]), (["tests", "bench"], ["embedded", "bench", "dev"])]
)
def test_what_is_imported_is_asked_for(rooms: list[str], extras: list[str]) -> None:
    comes_from = packages_distributions()
    asked = {
        *requirements(*extras),
        "caseclock",
        "mode-streaming",
        "pydantic-core",
    }  # Faust's and pydantic's halves

    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(*rooms)
        for name in imports(path) - OURS - sys.stdlib_module_names - {"__future__"}
        if not asked & {canonicalize_name(each) for each in comes_from.get(name, [name])}
    }

    assert not wrong


def test_no_module_is_too_long_to_read() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_bytes().splitlines()) for path in modules(*OURS)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_nothing_is_left_to_be_done_later() -> None:
    later = re.compile("TO" + "DO|FIX" + "ME|XX" + "X")

    assert [path.name for path in modules(*OURS) if later.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    entries = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

    assert entries
    assert [
        line[:60] for line in entries if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def test_the_lock_holds_all_that_is_asked_for() -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))
    asked = requirements(*PROJECT["project"]["optional-dependencies"])

    assert sorted(set(asked) - set(locked)) == []
    assert [name for name, each in asked.items() if not each.specifier.contains(locked[name])] == []


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    asked = requirements(*PROJECT["project"]["optional-dependencies"])

    assert [name for name in asked if f"| `{name}` |" not in reasons] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_the_wheel_holds_every_file_of_the_rooms(wheel: Path) -> None:
    expected = {
        path.relative_to(ROOT).as_posix()
        for room in MAY_IMPORT
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert shipped == expected
    assert any(name.endswith(".sql") for name in shipped)
    assert any(name.startswith("schemas/contracts/") for name in shipped)
    assert any(name.startswith("schemas/examples/") for name in shipped)


def test_what_is_in_the_wheel_works_away_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}

    code = "import schemas.contracts as c; print(c.__file__); raise SystemExit(c.main(['check']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith(str(tmp_path))


def test_faust_finds_our_transport_where_nothing_of_ours_is_imported(tmp_path: Path) -> None:
    code = "from faust.transport.drivers import by_url; print(by_url('caseclock://x').__module__)"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == "streams.transport\n"


def test_no_text_knows_somebodys_machine() -> None:
    place = re.compile(rb"(?<![\w.:/-])/(?:home|Users|root|work)/\w")

    assert [name for name in committed() if place.search((ROOT / name).read_bytes())] == []


def test_actions_are_pinned_and_run_what_every_machine_runs() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]

    used = re.findall(r"uses: (.*)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", each)] == []
    assert "bash .ci/run" in [step.get("run") for step in jobs["test"]["steps"]]


@pytest.mark.parametrize(
    "script",
    [
        ".ci/run",
        "scripts/setup.sh",
        "scripts/ci-tools.sh",
        "scripts/secrets.sh",
        "deploy/clickhouse/users.sh",
    ],
)
def test_scripts_can_be_read(script: str) -> None:
    shell = "sh" if (ROOT / script).read_text(encoding="utf-8").startswith("#!/bin/sh") else "bash"

    subprocess.run([shell, "-n", ROOT / script], check=True)
    assert os.access(ROOT / script, os.X_OK)


def test_make_offers_what_is_promised() -> None:
    told = subprocess.run(["make", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout

    assert {"setup", "demo", "test", "lint", "bench", "help"} <= set(
        re.findall(r"^  make (\w+)", told, re.MULTILINE)
    )


def test_the_changelog_knows_the_version() -> None:
    assert f"## {PROJECT['project']['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
