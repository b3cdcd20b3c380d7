"""The documentation is executed: every page in a folder of its own, block after block.

A block whose fence names a file (```` ```json events.ndjson ````) is that file from there on; where the
repository has a file of this name, the block must be the same. `sh` and `python` blocks run, unless a comment
before them says what they need (`<!-- needs: docker -->`): those are only parsed. An `output` block is what
the block before it printed, or a part of that. Other blocks must be what their kind says.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.doc_blocks import PAGES, ROOT, Block, blocks_of

NEEDS = {"docker", "server", "minutes"}
RUNS_HERE = {"caseclock", "python", "cat", "head", "ls", "wc", "export"}
LINKED = ("docs", "schemas", "tests")
"""Folders of the repository that commands on the pages may read from."""
SECONDS = 120


def parse(block: Block) -> None:
    """Raise when a block is not what its kind says."""
    match block.kind:
        case "sh":
            subprocess.run(["bash", "-n"], input=block.body, text=True, check=True)
        case "python":
            compile(block.body, "block", "exec")
        case "json":
            json.loads(block.body)
        case "toml":
            tomllib.loads(block.body)
        case "yaml":
            yaml.safe_load(block.body)


def commands_of(script: str) -> set[str]:
    """The first word of each command of a simple script."""
    lines = re.sub(r"\\\n", " ", script)
    return {
        word
        for line in lines.splitlines()
        for part in re.split(r"\||&&|;", line.split("#")[0])
        for word in part.split()[:1]
        if "=" not in word
    }


def execute(block: Block, folder: Path) -> str:
    """Run a block as somebody who copies it into a terminal would, and give what it printed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CASECLOCK_")}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    command = ["bash", "-euo", "pipefail"] if block.kind == "sh" else [sys.executable, "-"]
    done = subprocess.run(
        command,
        input=block.body,
        cwd=folder,
        env=environ,
        text=True,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"line {block.line}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def put(block: Block, name: str, folder: Path) -> None:
    """Make the file that a block is; one that the repository has must be the same already."""
    if (ROOT / name).exists():
        assert block.body == (ROOT / name).read_text(encoding="utf-8"), f"line {block.line}: not as in {name}"
    else:
        assert "/" not in name, f"line {block.line}: there is no {name}"
        (folder / name).write_text(block.body, encoding="utf-8")


def work_through(text: str, folder: Path) -> None:
    """Do what a page says, block after block."""
    printed = ""
    for block in blocks_of(text):
        assert block.needs is None or block.needs in NEEDS, f"line {block.line}: needs one of {NEEDS}"
        if block.name:
            put(block, block.name, folder)
        elif block.kind in ("sh", "python") and not block.needs:
            others = commands_of(block.body) - RUNS_HERE if block.kind == "sh" else set()
            assert not others, (
                f"line {block.line}: {others} cannot run in a test; mark the block with its needs"
            )
            printed = execute(block, folder)
        elif block.kind == "output":
            assert block.body in printed, f"line {block.line}: printed was\n{printed}"
        else:
            parse(block)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_works(page: str, tmp_path: Path) -> None:
    for name in LINKED:
        (tmp_path / name).symlink_to(ROOT / name)

    work_through((ROOT / page).read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)

    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
        if "://" not in target and not ((ROOT / page).parent / target).exists()
    ]

    assert not broken


def test_the_runner_sees_needs_names_and_bodies() -> None:
    text = "a\n<!-- needs: docker -->\n```sh\nmake x\n```\n\n```json a.json\n{}\n```\n```\nplain\n```\n"

    found = list(blocks_of(text))

    assert found == [
        Block("sh", None, "docker", "make x\n", 3),
        Block("json", "a.json", None, "{}\n", 7),
        Block("", None, None, "plain\n", 10),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```sh\npython -c 'raise SystemExit(3)'\nls\n```\n", "exit code 3"),
        ("```python\n1 / 0\n```\n", "exit code 1"),
        ("```sh\ncat a.txt\n```\n\n```txt a.txt\ntoo late\n```\n", "exit code 1"),
        ("```sh\nhead -c 0 /dev/null\n```\n\n```output\nsomething\n```\n", "line 5: printed was"),
        ("```sh\ndocker compose up\n```\n", "cannot run in a test"),
        ("<!-- needs: luck -->\n```sh\ncat\n```\n", "needs one of"),
        ("```json docs/nowhere.json\n{}\n```\n", "there is no docs/nowhere.json"),
        ("```toml pyproject.toml\n[project]\n```\n", "not as in pyproject.toml"),
    ],
)
def test_the_runner_finds_what_is_not_so(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=why):
        work_through(text, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- needs: docker -->\n```sh\nif\n```\n",
        "```json\n{\n```\n",
        "```toml\na\n```\n",
        "```yaml\n[\n```\n",
    ],
)
def test_what_is_only_parsed_must_be_of_its_kind(text: str, tmp_path: Path) -> None:
    with pytest.raises((subprocess.CalledProcessError, ValueError, yaml.YAMLError)):
        work_through(text, tmp_path)


def test_a_file_of_the_page_is_there_for_its_commands(tmp_path: Path) -> None:
    text = (
        "```txt a.txt\nan invented line\n```\n\n```sh\ncat a.txt\n```\n\n```output\nan invented line\n```\n"
    )

    work_through(text, tmp_path)


def test_the_runner_knows_which_commands_a_block_has() -> None:
    script = "A=1 caseclock run | head -3  # make\ncaseclock a \\\n  b && docker ps; make x\n"

    assert commands_of(script) == {"head", "caseclock", "docker", "make"}
