"""compose.yaml as `docker compose` understands it: resolved by its own parser, which needs no Docker.

The parser is a Go program, built once into `.cache/compose-go` under the repository (20 s the first time).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.missing import missing

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final = ROOT / "compose.yaml"
VERSION: Final = "v2.16.2"
PARSER: Final = ROOT / ".cache" / "compose-go" / VERSION / "cmd"
_PACKAGE: Final = f"github.com/compose-spec/compose-go/v2/cmd@{VERSION}"
_SECONDS: Final = 240
_INTERPOLATED: Final = (
    "CITY_FOLDER",
    "BOARD_PORT",
    "STAFF_PORT",
    "GRAFANA_PORT",
    "GRAFANA_ROOT_URL",
    "CASECLOCK_ALERT_WEBHOOK",
)
"""What compose.yaml takes from the environment: it must not come from the machine that tests."""

Model = dict[str, Any]


class ComposeError(Exception):
    """The parser refuses the file; its words."""


@cache
def parser() -> Path:
    """The parser, built when it is not there; a test that cannot have it ends as `missing` says."""
    if PARSER.exists():
        return PARSER
    go = shutil.which("go", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if go is None:
        missing("compose.yaml", "the parser of compose.yaml is a Go program: install Go 1.21 or newer")
    PARSER.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PARSER.parent) as folder:
        built = subprocess.run(
            [go, "install", _PACKAGE],
            env=os.environ | {"GOBIN": folder},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if built.returncode != 0:
            why = (built.stderr.strip().splitlines() or ["no reason given"])[-1]
            missing("compose.yaml", f"Go could not build the parser of compose.yaml: {why}")
        with suppress(OSError):  # another run was faster
            (Path(folder) / "cmd").rename(PARSER)
    return PARSER


def resolved(*files: Path, environ: Mapping[str, str] | None = None) -> Model:
    """What the files come to, later ones over earlier ones; paths are absolute, defaults filled in.

    Raises:
        ComposeError: a file is no compose file.
    """
    given = {name: value for name, value in os.environ.items() if name not in _INTERPOLATED}
    done = subprocess.run(
        [str(parser()), "-format", "json", *map(str, files)],
        cwd=ROOT,
        env=given | dict(environ or {}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode != 0:
        raise ComposeError((done.stderr or done.stdout).strip())
    model: Model = json.loads(done.stdout)
    for service in model["services"].values():
        told = service.get("environment", {})
        if isinstance(told, list):  # as the parser leaves it where two files were laid over each other
            service["environment"] = dict(each.split("=", 1) for each in told)
    return model


def write_secrets(folder: Path) -> str:
    """Do what `make secrets` does, in another folder. Returns what it said."""
    done = subprocess.run(
        ["sh", "scripts/secrets.sh", str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout
