"""What can be told of the style sheet and the script without a browser."""

import re

import pytest

from dashboards.board.render import TEMPLATES

STATIC = TEMPLATES.parent / "static"
CSS = (STATIC / "board.css").read_text(encoding="utf-8")
JS = (STATIC / "board.js").read_text(encoding="utf-8")
DARK = "@media (prefers-color-scheme: dark)"
TEXTS = ("ink", "quiet", "link", "good", "warn", "bad")
GRAPHICS = ("plain", "grey", "warn", "bad")


def _colours(block: str) -> dict[str, str]:
    """Custom properties of the first rule in it that are colours, in six digits."""
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{3,6});", block.partition("}")[0])
    return {name: code if len(code) == 6 else "".join(digit * 2 for digit in code) for name, code in found}


LIGHT_COLOURS = _colours(CSS[CSS.index(":root") :])
DARK_COLOURS = LIGHT_COLOURS | _colours(CSS[CSS.index(DARK) :].partition(":root")[2])
WALL_COLOURS = DARK_COLOURS | _colours(CSS[CSS.index(".wall {") :])


def _luminance(code: str) -> float:
    channels = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_measure_of_contrast_is_wcags() -> None:
    assert round(_contrast("ffffff", "000000"), 1) == 21
    assert round(_contrast("ffffff", "767676"), 2) == 4.54


@pytest.mark.parametrize(
    "colours", [LIGHT_COLOURS, DARK_COLOURS, WALL_COLOURS], ids=["light", "dark", "wall"]
)
def test_text_stands_out_from_every_ground_that_it_may_stand_on(colours: dict[str, str]) -> None:
    pairs = [(text, ground) for text in TEXTS for ground in ("paper", "soft")]
    pairs += [("ink", "warn-soft"), ("ink", "bad-soft"), ("bad", "bad-soft"), ("on-brand", "brand")]
    faint = [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]

    assert faint == []


@pytest.mark.parametrize("colours", [LIGHT_COLOURS, DARK_COLOURS], ids=["light", "dark"])
def test_graphics_stand_out_from_the_paper_and_patterns_from_their_ground(colours: dict[str, str]) -> None:
    faint = [name for name in GRAPHICS if _contrast(colours[name], colours["paper"]) < 3]

    assert faint == []
    assert _contrast(colours["warn"], colours["warn-ground"]) >= 3
    assert _contrast(colours["grey"], colours["grey-ground"]) >= 3


def test_the_style_knows_dark_forced_colours_less_motion_and_print() -> None:
    for medium in (
        DARK,
        "(forced-colors: active)",
        "(prefers-reduced-motion: no-preference)",
        "@media print",
    ):
        assert medium in CSS
    assert "animation" not in CSS.partition("@media (prefers-reduced-motion: no-preference)")[0]
    assert "http" not in CSS


def test_the_script_is_small_remembers_nothing_and_asks_no_other_host() -> None:
    assert len(JS.encode()) < 6_000
    for word in (
        "localStorage",
        "sessionStorage",
        "cookie",
        "indexedDB",
        "http:",
        "https:",
        "eval(",
        "import",
    ):
        assert word not in JS


def test_every_tone_of_a_chart_has_a_look_of_its_own() -> None:
    for tone in ("overdue", "due_soon", "suspended", "no_deadline"):
        assert f".part.{tone}" in CSS
    patterns = (TEMPLATES / "base.html").read_text(encoding="utf-8")
    for tone in ("due_soon", "suspended", "no_deadline"):
        assert f'url("#pattern-{tone}")' in CSS
        assert f'id="pattern-{tone}"' in patterns
