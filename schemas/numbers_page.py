"""docs/numbers.md: every number with its formula, made from the registry.

`python -m schemas.numbers_page write` makes it anew, `check` fails when it is not what the registry says.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.number import Number
from schemas.registry import REGISTRY

PAGE: Final = Path(__file__).parents[1] / "docs" / "numbers.md"
_GROUPS: Final = {
    "flow": "Luồng / Flow",
    "stock": "Tồn / Stock",
    "coordination": "Phối hợp / Coordination",
    "speed": "Tốc độ / Speed",
    "promise": "Lời hẹn / Promise",
    "voice": "Tiếng nói người dân / Voice",
    "causes": "Nguyên nhân / Causes",
    "attributes": "Đặc điểm / Attributes",
    "data_quality": "Chất lượng dữ liệu / Data quality",
}
_BETTER: Final = {"more_is_better": "▲", "less_is_better": "▼", "neutral": "–"}
_HEAD: Final = """# The numbers

Every number has one definition, in `schemas/numbers/`; column names, pages, dashboards and this page come from it.
▲ more is better, ▼ less is better, – neither. A quantile q of n values is the sorted value at index ⌊q·(n−1)⌋, within
1 %; where nothing was measured a number is empty, never 0. This page is made by
`python -m schemas.numbers_page write`.
"""


def page() -> str:
    """The page, Markdown."""
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        parts.append(f"\n## {title}\n\n| number | | tên / title | công thức / formula |\n|---|---|---|---|\n")
        parts += [_row(number) for number in REGISTRY.values() if number.group == group]
    return "".join(parts)


def _row(number: Number) -> str:
    quotient = f"<br>= `{number.numerator}` / `{number.denominator}`" if number.numerator else ""
    return (
        f"| `{number.id}` ({number.unit}) | {_BETTER[number.direction]} "
        f"| {number.title_vi}<br>{number.title_en} | {number.formula_vi}<br>{number.formula_en}{quotient} |\n"
    )


def main(arguments: Sequence[str]) -> int:
    """Write or check; returns the exit code."""
    if list(arguments) == ["write"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    sys.stderr.write("docs/numbers.md is not what the registry says: python -m schemas.numbers_page write\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
