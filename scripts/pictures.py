"""`python -m scripts.pictures`: the pictures of docs/pictures, of the demo. Its pages say that it is invented.

The board as it is, and the Grafana dashboards as Grafana's own components draw them (scripts/grafana). Needs
Chromium or Chrome, and Node with npm. The same seed is the same city; its numbers go on with the day.
"""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser

from caseclock.embedded.child import die_with_parent, end, free_port
from scripts.grafana import pictures as grafana
from scripts.grafana.node import NodeMissingError
from tests.board.browser import BrowserMissingError, chromium
from tests.grafana.city import DemoCity

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "pictures"
SEED: Final = "7"
READY_SECONDS: Final = 180.0
LARGEST: Final = 300_000
"""Bytes of a picture: they are kept in the repository."""
LAGGING: Final = "lagging"
"""In place of a unit's code: the unit of the demo that has most overdue cases."""


class Picture(NamedTuple):
    """One picture: its file, what it shows, how big, and by day or by night."""

    name: str
    path: str
    width: int
    height: int
    dark: bool = False


PICTURES: Final = (
    Picture("city", "/vi/", 1280, 900),
    Picture("unit", f"/vi/units/{LAGGING}", 1280, 900),
    Picture("voice", "/vi/#voice", 1280, 900),
    Picture("coordination", "/vi/coordination", 1280, 900),
    Picture("wall", "/vi/wall", 1280, 720, dark=True),
    Picture("phone", "/vi/", 390, 844),
)


def main() -> int:
    """Take all pictures; 3 when there is no browser, no Node, or the demo shows no numbers."""
    port, clickhouse = free_port(), free_port()
    with (
        tempfile.TemporaryDirectory(prefix="caseclock-pictures-") as folder,
        Path(folder, "log").open("wb") as log,
    ):
        command = [
            sys.executable,
            "-m",
            "caseclock",
            "demo",
            "--no-browser",
            "--port",
            str(port),
            "--clickhouse-http",
            str(clickhouse),
            "--seed",
            SEED,
        ]
        demo = subprocess.Popen(  # noqa: S603  # our own program
            command,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
        )
        try:
            lagging = _lagging(port, demo)
            with chromium() as browser:
                for picture in PICTURES:
                    _take(browser, picture, port, lagging)
                city = DemoCity(clickhouse, f"http://127.0.0.1:{port}")
                grafana.take(browser, city.query, preferred={"unit": lagging})
        except (BrowserMissingError, NodeMissingError, TimeoutError) as missing:
            log.flush()
            tail = Path(folder, "log").read_text(errors="replace")[-1_000:]
            sys.stderr.write(f"no pictures: {missing}\n{tail}\n")
            return 3
        finally:
            end(demo, patience=10)
    return 0


def _lagging(port: int, demo: "subprocess.Popen[bytes]") -> str:
    """Wait until there are numbers, those that are computed now and then too; the unit with most overdue."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        with suppress(OSError, HTTPException, ValueError):
            if _ask(port, "/api/v1/city").get("summaries_at"):
                units = [
                    each for each in _ask(port, "/api/v1/units?scope=own")["units"] if each["unit_id"] != "*"
                ]
                return str(max(units, key=lambda each: each.get("overdue") or 0)["unit_id"])
        time.sleep(0.5)
    msg = f"the demo showed no numbers within {READY_SECONDS:g} s"
    raise TimeoutError(msg)


def _ask(port: int, path: str) -> Any:  # noqa: ANN401  # whatever the API answers
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def _take(browser: Browser, picture: Picture, port: int, lagging: str) -> None:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}",
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="vi-VN",
    )
    page = context.new_page()
    page.goto(picture.path.replace(LAGGING, lagging), wait_until="load")
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{picture.name}.png"
    size = len(page.screenshot(path=file))
    context.close()
    sys.stdout.write(f"{file.relative_to(ROOT)} {size / 1000:.0f} KB\n")
    if size > LARGEST:
        msg = f"{file.name} has {size:,} bytes; at most {LARGEST:,} are kept: make it smaller in PICTURES"
        raise ValueError(msg)


if __name__ == "__main__":
    sys.exit(main())
