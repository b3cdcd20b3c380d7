"""The pictures of the dashboards in the documentation: all there, small, and honest about what drew them."""

from pathlib import Path

from scripts.grafana.drawing import THEMES
from scripts.grafana.pictures import CAPTION, FOLDER, LARGEST, ROOT, committed

PNG = b"\x89PNG\r\n\x1a\n"


def _pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_dashboard_has_a_picture_by_day_and_by_night() -> None:
    wanted = {f"{dashboard['uid']}-{theme}.png" for dashboard in committed() for theme in THEMES}

    assert {file.name for file in FOLDER.glob("*")} == wanted, "make pictures"


def test_pictures_are_small_enough_to_be_kept() -> None:
    heads = {file.name: file.read_bytes() for file in FOLDER.glob("*.png")}

    assert {name for name, content in heads.items() if not content.startswith(PNG)} == set()
    assert {name: len(content) for name, content in heads.items() if len(content) > LARGEST} == {}


def test_a_page_that_shows_a_dashboard_says_what_drew_it() -> None:
    showing = [page for page in _pages() if "pictures/grafana/" in page.read_text(encoding="utf-8")]

    assert showing, "no page shows a dashboard"
    assert [page.name for page in showing if CAPTION not in " ".join(page.read_text("utf-8").split())] == []
