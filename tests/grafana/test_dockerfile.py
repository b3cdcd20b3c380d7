"""The image: by hadolint, and by what only we can know."""

import json
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.missing import missing

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = ROOT / "Dockerfile"


def instructions(text: str) -> list[str]:
    """One line for each, comments left out."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line.strip() for line in code.replace("\\\n", " ").splitlines() if line.strip()]


def complaints(text: str) -> list[str]:
    """The codes of what hadolint finds."""
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        missing("Dockerfile", "hadolint is not installed: it comes with the extra `dev`")
    done = subprocess.run(
        [hadolint, "--no-color", "--format", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return [each["code"] for each in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def text() -> str:
    return DOCKERFILE.read_text(encoding="utf-8")


def test_hadolint_finds_nothing(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("find", "put", "code"),
    [
        ("python:3.11-slim-bookworm", "python:latest", "DL3007"),
        ("USER 10001:10001", "USER root", "DL3002"),
        ("WORKDIR /tmp", "WORKDIR tmp", "DL3000"),
        ('CMD ["run"]', "CMD run", "DL3025"),
    ],
)
def test_hadolint_finds_a_planted_fault(text: str, find: str, put: str, code: str) -> None:
    assert find in text

    assert code in complaints(text.replace(find, put))


def test_the_image_that_ships_has_no_root_no_tools_and_a_health_check(text: str) -> None:
    last = instructions(text[text.rindex("\nFROM") :])
    words = [line.partition(" ")[0] for line in last]

    assert [line for line in last if line.startswith("USER")] == ["USER 10001:10001"]
    assert words.index("USER") > max(i for i, word in enumerate(words) if word == "RUN")
    assert [line for line in last if line.startswith("COPY")] == [
        "COPY --from=build /opt/caseclock /opt/caseclock"
    ]
    assert not [line for line in last if re.search(r"\b(apt-get|apt|pip|uv|gcc|make)\b", line)]
    assert words.count("HEALTHCHECK") == 1


def test_every_package_comes_with_the_hash_of_the_lock(text: str) -> None:
    installs = [line for line in instructions(text) if "pip install" in line]

    assert len(installs) == 3
    assert "--require-hashes" in installs[0]
    # uv checks the hashes of constraints, of what it builds with too
    assert "--constraints requirements.lock" in installs[1]
    assert "--only-binary :all:" in installs[1]
    assert "--build-constraints requirements.lock" in installs[2]
    assert "--no-deps" in installs[2]


def test_only_what_is_copied_is_sent_to_the_builder_and_it_is_there(text: str) -> None:
    sources = {
        source
        for line in instructions(text)
        if line.startswith("COPY") and "--from" not in line
        for source in line.split()[1:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")

    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == sources
    assert "*" in ignored
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_rooms_that_are_shipped_are_all_in_the_image(text: str) -> None:
    copied = {line.split()[1] for line in instructions(text) if line.startswith("COPY")}

    assert {"schemas", "streams", "sinks", "dashboards", "caseclock"} <= copied


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False), (None, False)])
def test_the_health_check_says_what_the_service_says(text: str, status: int | None, well: bool) -> None:
    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/healthz/ready"
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
            """Say nothing."""

    (check,) = [line for line in instructions(text) if line.startswith("HEALTHCHECK")]
    command = json.loads(check[check.index("[") :])
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        command[-1] = command[-1].replace(":8080/", f":{server.server_port}/")
        if status is None:
            server.server_close()
        threading.Thread(target=server.serve_forever if status else list, daemon=True).start()

        done = subprocess.run([sys.executable, *command[1:]], capture_output=True, timeout=30, check=False)

        if status:
            server.shutdown()
    assert (done.returncode == 0) == well
