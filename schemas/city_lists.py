"""Reads the lists of a city from their files: units.csv, procedures.csv, calendars/*.yaml, thresholds.yaml.

An absent file is an empty list. Every error is one line that names file and line and says what to do.
"""

import csv
from collections.abc import Iterator, Set
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.calendar import CalendarSpec, end_of_next_year
from schemas.procedure import Procedure
from schemas.thresholds import Thresholds
from schemas.unit import Unit

M = TypeVar("M", bound=BaseModel)


class CityError(Exception):
    """A list of the city is wrong. One line: file, line, what is wrong, what to do."""


def read_units(path: Path, calendars: dict[str, CalendarSpec]) -> tuple[Unit, ...]:
    """The units in the order of the list; without a calendar they have that of the nearest unit above."""
    found: dict[str, tuple[Unit, str]] = {}
    for where, row in _rows(path, Unit, required={"code", "name", "kind"}):
        unit = _build(Unit, row, where)
        if unit.code in found:
            raise CityError(f"{where}: unit {unit.code} is there twice; keep one of the two lines")
        found[unit.code] = (unit, where)
    for unit, where in found.values():
        for name, other in (("parent", unit.parent), ("succeeded_by", unit.succeeded_by)):
            if other is not None and other not in found:
                raise CityError(
                    f"{where}: {name} {other} is not in the list; add that unit or correct the code"
                )
        if unit.calendar is not None and unit.calendar not in calendars:
            known = ", ".join(sorted(calendars))
            raise CityError(
                f"{where}: there is no calendar {unit.calendar}; add calendars/{unit.calendar}.yaml "
                f"or choose one of {known}"
            )
    _refuse_cycles(found)
    return tuple(_with_calendar(unit, found) for unit, _ in found.values())


def _with_calendar(unit: Unit, units: dict[str, tuple[Unit, str]]) -> Unit:
    above = unit
    while above.calendar is None and above.parent is not None:
        above = units[above.parent][0]
    return unit if above.calendar == unit.calendar else unit.model_copy(update={"calendar": above.calendar})


def _refuse_cycles(units: dict[str, tuple[Unit, str]]) -> None:
    safe: set[str] = set()
    for code, (_, where) in units.items():
        path: list[str] = []
        at: str | None = code
        while at is not None and at not in safe:
            if at in path:
                circle = " -> ".join([*path[path.index(at) :], at])
                raise CityError(
                    f"{where}: units are above each other in a circle ({circle}); clear one parent"
                )
            path.append(at)
            at = units[at][0].parent
        safe.update(path)


def read_procedures(path: Path) -> tuple[Procedure, ...]:
    """Every version of every procedure, by code and beginning."""
    found: dict[tuple[str, date], Procedure] = {}
    columns = {"allotted", "allotted_unit"}
    for where, row in _rows(path, Procedure, required={"code", "name"}, extra=columns, without={"allotted"}):
        amount, unit = row.pop("allotted", None), row.pop("allotted_unit", None)
        if (amount is None) != (unit is None):
            raise CityError(f"{where}: allotted and allotted_unit go together; fill both or leave both empty")
        if amount is not None:
            row["allotted"] = {"amount": amount, "unit": unit}
        procedure = _build(Procedure, row, where)
        key = (procedure.code, procedure.valid_from or date.min)
        if key in found:
            raise CityError(
                f"{where}: procedure {procedure.code} has two versions from the same day; "
                "give one another valid_from or remove it"
            )
        found[key] = procedure
    return tuple(found[key] for key in sorted(found))


def read_calendars(folder: Path, today: date) -> dict[str, CalendarSpec]:
    """The calendars of a folder by name; one without a horizon is known to the end of the next year."""
    found: dict[str, CalendarSpec] = {}
    for path in sorted(folder.glob("*.yaml")):
        content = _read_yaml(path)
        content.setdefault("name", path.stem)
        content.setdefault("horizon", end_of_next_year(today))
        spec = _build(CalendarSpec, content, str(path))
        if spec.name != path.stem:
            raise CityError(f"{path}: the calendar calls itself {spec.name}; name the file {spec.name}.yaml")
        found[spec.name] = spec
    return found


def read_thresholds(path: Path) -> Thresholds:
    """The city's own limits; what is left out keeps its default."""
    return _build(Thresholds, _read_yaml(path), str(path))


def _read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; an absent or empty file is an empty one."""
    if not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CityError(f"{path}:{line}: not YAML ({error.problem}); correct the line") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise CityError(
            f"{path}: cannot be read ({type(error).__name__}); save it as YAML in UTF-8"
        ) from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise CityError(f"{path}: not a mapping of names to values; write lines like `name: value`")
    return content


def _rows(
    path: Path,
    model: type[BaseModel],
    required: Set[str],
    extra: Set[str] = frozenset(),
    without: Set[str] = frozenset(),
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each row stands (`file:line`) and its filled cells by column; nothing when there is no file."""
    if not path.exists():
        return
    known = (set(model.model_fields) - without) | extra
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header, known, required)
            for cells in reader:
                where = f"{path}:{reader.line_num}"
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    raise CityError(
                        f"{where}: {len(cells)} cells under {len(header)} columns; "
                        "quote cells that hold a comma"
                    )
                filled = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
                yield where, {name: cell for name, cell in filled.items() if cell}
    except UnicodeDecodeError:
        raise CityError(f"{path}: not UTF-8; save it as CSV UTF-8") from None
    except csv.Error as error:
        raise CityError(f"{path}:{reader.line_num}: not CSV ({error}); correct the line") from None


def _check_header(path: Path, header: list[str], known: Set[str], required: Set[str]) -> None:
    twice = [name for name in header if header.count(name) > 1]
    unknown = [name for name in header if name not in known]
    missing = sorted(required - set(header))
    if twice:
        raise CityError(f"{path}:1: column {twice[0]} is there twice; remove one")
    if unknown:
        raise CityError(
            f"{path}:1: there is no column {unknown[0]!r}; choose from {', '.join(sorted(known))}"
        )
    if missing:
        raise CityError(f"{path}:1: column {missing[0]} is missing; add it")


def _build(model: type[M], content: dict[str, Any], where: str) -> M:
    """The model of what was read, or one line about the first thing that is wrong."""
    try:
        return model.model_validate(content)
    except ValidationError as failed:
        error = failed.errors(include_url=False)[0]
        name = ".".join(str(part) for part in error["loc"])
        message = error["msg"].removeprefix("Value error, ")
        raise CityError(f"{where}: {name + ': ' if name else ''}{message}; correct it") from None
