"""The pages of the board that tests go through."""

from typing import Final

UNIT: Final = "T.P1"
"""The unit whose page is looked at: it has a unit below it, and all kinds of cases."""
PATHS: Final = {
    "city": "/",
    "units": "/units",
    "unit": f"/units/{UNIT}",
    "procedures": "/procedures",
    "coordination": "/coordination",
    "methods": "/methods",
    "data": "/data",
    "quality": "/quality",
    "wall": "/wall",
}
LANGUAGES: Final = ("vi", "en")
EVERY: Final = [f"/{language}{path}" for path in PATHS.values() for language in LANGUAGES]
EVERY_PATH: Final = [f"/vi{path}" for path in PATHS.values()]
