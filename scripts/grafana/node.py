"""Grafana's own packages from npm, in a cache outside the tracked files, and the bundles of our sources with them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
CACHE: Final = HERE.parents[1] / ".cache" / "grafana-node"
SOURCES: Final = ("draw", "check", "tsconfig.json")
NPM_SECONDS: Final = 300.0
TOOL_SECONDS: Final = 120.0


class NodeMissingError(Exception):
    """Node, or Grafana's packages, cannot be had on this machine; the message says what is missing."""


def packages() -> Path:
    """The folder with `node_modules`, and our sources beside it, where Node and TypeScript look for packages.

    Filled once for each content of the lock file, by `npm ci` (half a minute, 480 MB), or taken from the folder named
    by ``CASECLOCK_TEST_GRAFANA_NODE``.

    Raises:
        NodeMissingError: no npm, or npm could not fetch them.
    """
    named = os.environ.get("CASECLOCK_TEST_GRAFANA_NODE")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(named) if named else CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "node_modules").is_dir():
        _install(folder)
    for source in SOURCES:
        link = folder / source
        if not link.exists() or link.resolve() != HERE / source:
            link.unlink(missing_ok=True)
            with suppress(FileExistsError):  # another run was faster
                link.symlink_to(HERE / source)
    return folder


def typed() -> None:
    """Check our own sources by TypeScript's compiler.

    Raises:
        RuntimeError: they do not fit; the message says where.
    """
    folder = packages()
    run([str(folder / "node_modules" / ".bin" / "tsc"), "--project", ".", "--preserveSymlinks"], folder)


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissingError("Grafana's packages are fetched by npm: install Node 20 or newer with npm")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, fresh)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        fetched = subprocess.run(  # noqa: S603  # npm with fixed arguments
            command, cwd=fresh, capture_output=True, text=True, timeout=NPM_SECONDS, check=False
        )
        if fetched.returncode != 0:
            raise NodeMissingError(f"npm could not fetch Grafana's packages: {fetched.stderr.strip()[-500:]}")
        with suppress(OSError):  # another run was faster
            Path(fresh).rename(folder)


def bundle(entry: str, options: Sequence[str]) -> Path:
    """Bundle one of our sources with what it imports; the bundle's folder is made anew when a source changes.

    Args:
        entry: its path under this folder.
        options: of esbuild, without where to write.
    """
    folder = packages()
    content = hashlib.sha256("\0".join([entry, *options]).encode())
    for source in sorted(HERE.glob("*/**/*.ts*")):
        content.update(source.read_bytes())
    target = folder / "built" / content.hexdigest()[:16]
    if not target.is_dir():
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as fresh:
            run(
                [
                    str(folder / "node_modules" / ".bin" / "esbuild"),
                    entry,
                    "--bundle",
                    "--preserve-symlinks",
                    "--format=esm",
                    "--log-level=warning",
                    f"--outdir={fresh}",
                    *options,
                ],
                folder,
            )
            with suppress(OSError):  # another run was faster
                Path(fresh).rename(target)
    return target


def run(command: Sequence[str], folder: Path, given: str = "") -> str:
    """Run one of the tools in `folder` with `given` as its input; what it prints.

    Raises:
        RuntimeError: it failed; the message is what it printed.
    """
    done = subprocess.run(  # noqa: S603  # tools from the lock file
        command, cwd=folder, input=given, capture_output=True, text=True, timeout=TOOL_SECONDS, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stdout}{done.stderr}")
    return done.stdout


def node() -> str:
    """The program.

    Raises:
        NodeMissingError: there is none.
    """
    found = shutil.which("node")
    if found is None:
        raise NodeMissingError("the dashboards are checked with Grafana's own code: install Node 20 or newer")
    return found
