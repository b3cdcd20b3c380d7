"""The command line as a user runs it: processes of their own, with an environment of their own."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
MAPPINGS: Final = ROOT / "docs" / "mappings"
SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended.

    Attributes:
        code: its exit code; -9 when it was killed.
        told: what it said, standard output and error together.
        out: the folder of its results.
    """

    code: int
    told: str
    out: Path

    def file(self, name: str) -> bytes:
        return (self.out / name).read_bytes()

    def numbers(self) -> tuple[str, str]:
        """units.csv and cases.csv; it must have ended well."""
        assert self.code == 0, self.told
        return self.file("units.csv").decode(), self.file("cases.csv").decode()


def environment(folder: Path, settings: Mapping[str, Any]) -> dict[str, str]:
    """The environment of a process of ours: settings of the test, none of the machine's."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    passed_over = ("CASECLOCK_", "PYTHONDONTWRITEBYTECODE")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(passed_over)}
    environ |= {f"CASECLOCK_{name}": str(value) for name, value in settings.items()}
    # Compiled once for all these processes: three seconds each otherwise, where nothing compiled is kept.
    compiled = str(ROOT / ".cache" / "compiled")
    return environ | {"TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": compiled}


def replay(
    folder: Path,
    file: Path,
    *options: str,
    settings: Mapping[str, Any] | None = None,
    dies: Sequence[str] = (),
) -> Ran:
    """`caseclock replay FILE OPTIONS --out FOLDER/out`.

    Args:
        folder: working directory, and where the results go.
        file: the events.
        options: as on the command line.
        settings: names after `CASECLOCK_`, and values.
        dies: when it is to be killed (tests/pipeline/dying.py); empty: it lives.
    """
    program = ["tests.pipeline.dying", *dies] if dies else ["caseclock"]
    out = folder / "out"
    ended = subprocess.run(
        [sys.executable, "-m", *program, "replay", str(file), *options, "--out", str(out)],
        cwd=folder,
        env=environment(folder, settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout.decode(errors="replace"), out)
