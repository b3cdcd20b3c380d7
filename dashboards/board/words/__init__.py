"""The words of all pages, Vietnamese and English, one YAML file per page; ``common.yaml`` serves them all.

A file is a mapping ``name: {vi: "...", en: "..."}``; its keys are ``<file>.<name>``. ``{place}`` is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import yaml

if TYPE_CHECKING:
    from dashboards.board.pages.page import Language

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

Catalogue: TypeAlias = "Mapping[str, Mapping[Language, str]]"
"""Texts by key and language."""


class WordsError(ValueError):
    """A words file is not as it should be; the message names file, name and what is wrong."""


def read(path: Path) -> dict[str, dict[Language, str]]:
    """One file's texts by key.

    Raises:
        WordsError: not a mapping of names to one text in each language, and nothing else.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if not isinstance(content, dict):
        raise WordsError(f"{path.name}: must map names to texts")
    found: dict[str, dict[Language, str]] = {}
    for name, texts in content.items():
        if not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
            raise WordsError(f"{path.name}: {name} needs exactly the languages vi and en")
        if not all(isinstance(text, str) and text.strip() for text in texts.values()):
            raise WordsError(f"{path.name}: {name} has an empty text")
        found[f"{path.stem}.{name}"] = {language: texts[language] for language in LANGUAGES}
    return found


@cache
def catalogue(folder: Path = FOLDER) -> Catalogue:
    """All texts of a folder, read once. Raises WordsError."""
    found: dict[str, Mapping[Language, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        found |= read(path)
    return MappingProxyType(found)
