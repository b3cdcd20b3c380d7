"""What a client can take: languages and encodings, by the weights that it gives them (RFC 9110 §12)."""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.board.pages.page import Language

DEFAULT_LANGUAGE: Language = "vi"
_MOST: int = 50
"""Preferences beyond so many are not read."""


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(",", _MOST)[:_MOST]:
        name, *parameters = part.split(";")
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        yield name.strip().lower(), weight


def language_of(header: str | None) -> Language:
    """The language to begin with; Vietnamese unless English is clearly liked better.

    >>> language_of("en-GB,en;q=0.9,vi;q=0.3"), language_of("fr"), language_of(None)
    ('en', 'vi', 'vi')
    """
    liked = {"vi": 0.0, "en": 0.0}
    for name, weight in _weighted(header or ""):
        tag = name.partition("-")[0]
        if tag in liked and 0 < weight <= 1:
            liked[tag] = max(liked[tag], weight)
    return "en" if liked["en"] > liked["vi"] else DEFAULT_LANGUAGE


def takes_gzip(header: str | None) -> bool:
    """Whether the answer may be packed.

    >>> takes_gzip("br, gzip"), takes_gzip("gzip;q=0, *"), takes_gzip("*"), takes_gzip(None)
    (True, False, True, False)
    """
    weights = dict(_weighted(header or ""))
    return weights.get("gzip", weights.get("*", 0.0)) > 0
