"""Pictures of the committed dashboards, dark and light, drawn by Grafana's own components from a database's rows."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page

from scripts.grafana.answers import Ask
from scripts.grafana.drawing import THEMES, drawn
from scripts.grafana.node import bundle

ROOT: Final = Path(__file__).parents[2]
COMMITTED: Final = ROOT / "dashboards" / "grafana" / "provisioning" / "dashboards" / "json"
FOLDER: Final = ROOT / "docs" / "pictures" / "grafana"
CAPTION: Final = (
    "drawn with Grafana's @grafana/ui 13.2.2 components from the demo city's data; not a Grafana server"
)
LARGEST: Final = 200_000
"""Bytes of a picture: they are kept in the repository."""
_ESBUILD: Final = ("--platform=browser", "--minify", "--format=iife", "--entry-names=small")


def committed() -> Iterator[dict[str, Any]]:
    """The dashboards' JSON, in the order of their files."""
    return (json.loads(file.read_bytes()) for file in sorted(COMMITTED.glob("*/*.json")))


def take(browser: Browser, ask: Ask, preferred: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Take two pictures of each dashboard.

    Args:
        browser: Chromium.
        ask: the database.
        preferred: by name of a variable the value to show.
        folder: where to; files that are no dashboard's any more are removed.

    Raises:
        NodeMissingError: Grafana's packages cannot be had.
        ValueError: a page had errors, or a picture is too large to keep.
    """
    folder.mkdir(parents=True, exist_ok=True)
    press = browser.new_page()
    press.add_script_tag(path=bundle("draw/small.ts", _ESBUILD) / "small.js")
    files = set()
    for dashboard in committed():
        for theme in THEMES:
            file = folder / f"{dashboard['uid']}-{theme}.png"
            with drawn(browser, dashboard, theme, ask, preferred) as work:
                picture = _smaller(press, work.picture())
            if work.faults or len(picture) > LARGEST:
                msg = f"{file.name}: {len(picture):,} bytes (at most {LARGEST:,}); {'; '.join(work.faults)}"
                raise ValueError(msg)
            file.write_bytes(picture)
            files.add(file)
            sys.stdout.write(f"{file.relative_to(ROOT)} {len(picture) / 1000:.0f} KB\n")
    for file in set(folder.glob("*.png")) - files:
        file.unlink()


def _smaller(press: Page, picture: bytes) -> bytes:
    small: str = press.evaluate("png => window.smaller(png)", base64.b64encode(picture).decode())
    return base64.b64decode(small)
