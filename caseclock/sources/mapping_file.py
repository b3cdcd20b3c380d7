"""Reads a mapping file: YAML, shape, sense; every mistake is one line that says where it is and what to do.

YAML is read the plain way people expect: `no`, `01` and `2025-08-01` are text (only true, false, null and
plain whole numbers are more than text), keys are text as written, and a key that stands twice is a mistake.
"""

import hashlib
import re
from collections.abc import Hashable
from collections.abc import Mapping as Dict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from caseclock.sources.checks import mistakes
from caseclock.sources.mapping import Mapping
from caseclock.sources.records import SourceError
from schemas.calendar import CalendarSpec, always, hanoi
from streams.worktime import WorkingTime

_LEAST_KEY: Final = 16


class MappingError(SourceError):
    """A mapping file with a mistake. The message is one line: file, place, what is wrong, what to do."""


def load_mapping(path: str | Path, calendars: Dict[str, CalendarSpec] | None = None) -> Mapping:
    """Read and check a mapping file.

    Args:
        path: the YAML file.
        calendars: what `time.calendar` may name (those of the city); None: the two that are shipped, `hanoi`
            and `always`, as of today.

    Raises:
        MappingError: the file is missing, no YAML, or makes no sense.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingError(f"{path}: there is no such mapping file") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise MappingError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_mapping(text, str(path), calendars, file.parent)


def parse_mapping(
    text: str,
    name: str,
    calendars: Dict[str, CalendarSpec] | None = None,
    folder: Path | None = None,
) -> Mapping:
    """Check the text of a mapping file.

    Args:
        text: YAML.
        name: how messages name it.
        calendars: as in `load_mapping`.
        folder: where `opaque_key_file` is looked for; None: the current one.

    Raises:
        MappingError: it is no YAML or makes no sense.
    """
    try:
        given = yaml.load(text, _PlainLoader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(f"{name}: line {line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise MappingError(f"{name}: is no YAML: {' '.join(str(error).split())}") from None
    try:
        mapping = Mapping.model_validate(given)
    except ValidationError as error:
        found = [(_place(each["loc"]), _words(each)) for each in error.errors(include_url=False)]
        raise MappingError(_one_line(name, found)) from None
    _resolve(mapping, name, _shipped() if calendars is None else calendars, folder or Path())
    if found := list(mistakes(mapping)):
        raise MappingError(_one_line(name, found))
    return mapping


def _shipped() -> dict[str, CalendarSpec]:
    return {each.name: each for each in (hanoi(datetime.now(UTC).date()), always())}


def _resolve(mapping: Mapping, name: str, calendars: Dict[str, CalendarSpec], folder: Path) -> None:
    """Compile the named calendar, read the named secret."""
    wanted = mapping.time.calendar
    if wanted is not None:
        if wanted not in calendars:
            known = ", ".join(sorted(calendars))
            raise MappingError(f"{name}: time.calendar: there is no calendar {wanted!r}; known here: {known}")
        mapping._calendar = WorkingTime.compile(calendars[wanted])
    if mapping.opaque_key_file is None:
        return
    try:
        secret = (folder / mapping.opaque_key_file).read_bytes().strip()
    except OSError as error:
        raise MappingError(f"{name}: opaque_key_file: cannot be read: {error.strerror}") from None
    if len(secret) < _LEAST_KEY:
        raise MappingError(
            f"{name}: opaque_key_file: holds less than {_LEAST_KEY} bytes; put a random secret there"
        )
    mapping._opaque_key = hashlib.blake2b(secret, digest_size=32).digest()


def _one_line(name: str, found: list[tuple[str, str]]) -> str:
    place, words = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return (
        f"{name}: {place}: {' '.join(words.split())}{more}"
        if place
        else f"{name}: {' '.join(words.split())}{more}"
    )


def _place(steps: tuple[int | str, ...]) -> str:
    """`events[2].fields.unit_id`: lists count from 1, as people do."""
    place = ""
    for step in steps:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if place else step
    return place


def _words(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is missing; add it (docs/mapping.md)"
    return str(error["msg"])


class _PlainLoader(yaml.SafeLoader):
    """YAML with text as text."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: ARG002
    ) -> dict[Hashable, Any]:
        """Keys as they are written, each once."""
        pairs: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in pairs:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            pairs[key.value] = self.construct_object(value, deep=True)
        return pairs


_PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _starts in (
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^(?:0|-?[1-9][0-9]{0,17})$", list("-0123456789")),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _starts)
