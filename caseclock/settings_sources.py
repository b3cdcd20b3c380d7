"""Where settings come from: a file and the environment, each value with the name by which its giver knows it.

The names are what errors speak of: a person corrects `CASECLOCK_KAFKA__GROUP_ID`, not `kafka.group_id`.
"""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError

from caseclock.errors import CaseclockError

PREFIX: Final = "CASECLOCK_"
NOT_SETTINGS: Final = ("CASECLOCK_DEBUG", "CASECLOCK_TEST_", "CASECLOCK_BENCH_")
"""Beginnings of names that are for developers and are no settings."""
_FILE: Final = "_file"
_SECRET_BYTES: Final = 64_000

Key = tuple[str, ...]
"""A setting's place: `("kafka", "group_id")`."""


class SettingsError(CaseclockError):
    """Settings that cannot be used.

    Args:
        problems: a line for each, that says what to do.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Given(NamedTuple):
    """One value that somebody gave, and the name he gave it by."""

    key: Key
    value: Any
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """All settings there are.

    Attributes:
        about: by key, what a setting is, in words.
        secrets: keys that may also be given as a file.
        paths: keys of files and folders; in a settings file they are relative to it.
        tables: keys under which any name may stand, with a secret for each.
    """

    about: Mapping[Key, str]
    secrets: frozenset[Key]
    paths: frozenset[Key]
    tables: frozenset[Key] = frozenset()

    @property
    def groups(self) -> frozenset[Key]:
        """Keys that have settings below them."""
        return frozenset(key[:-1] for key in self.about if len(key) > 1) | self.tables

    def knows(self, key: Key) -> bool:
        """Whether there is such a setting."""
        return key in self.about or (key[:-1] in self.tables and bool(key[-1]))

    def secret_of(self, key: Key) -> Key | None:
        """Give the secret that a key names a file for, if it does."""
        secret = (*key[:-1], key[-1].removesuffix(_FILE))
        is_secret = secret in self.secrets or (secret[:-1] in self.tables and bool(secret[-1]))
        return secret if key[-1].endswith(_FILE) and is_secret else None

    def problems_of(self, error: ValidationError, given: Iterable[Given]) -> list[str]:
        """Say in a line each what a validation found, by the names that the givers used."""
        names = {each.key: each.name for each in given}
        lines = []
        for found in error.errors(include_url=False, include_input=False, include_context=False):
            key = tuple(str(part) for part in found["loc"])
            while key and not self.knows(key) and key not in self.groups:
                key = key[:-1]
            name = names.get(key) or variable(key) + ("__…" if key in self.groups else "")
            why = str(found["msg"]).removeprefix("Value error, ")
            about = self.about.get(key) or self.about.get(key[:-1])
            is_ours = found["type"] == "value_error"
            lines.append(f"{name}: {why}" if is_ours or not about else f"{name}: {_small(why)} ({about})")
        return lines


def describe(model: type[BaseModel]) -> Known:
    """Read off a model which settings there are."""
    about: dict[Key, str] = {}
    secrets, paths, tables = set(), set(), set()
    for key, field in _leaves(model, ()):
        about[key] = field.description or ""
        kinds = {field.annotation, *get_args(field.annotation)}
        secrets |= {key} if SecretStr in kinds else set()
        paths |= {key} if Path in kinds else set()
        tables |= {key} if get_origin(field.annotation) is dict else set()
    return Known(about, frozenset(secrets - tables), frozenset(paths), frozenset(tables))


def _leaves(model: type[BaseModel], above: Key) -> Iterator[tuple[Key, Any]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _leaves(kind, (*above, name))
        else:
            yield (*above, name), field


def variable(key: Key) -> str:
    """Give the environment variable of a setting."""
    return PREFIX + "__".join(key).upper()


def from_environment(environ: Mapping[str, str], known: Known, problems: list[str]) -> list[Given]:
    """Take every variable that begins with CASECLOCK_; unknown ones are problems."""
    found = [
        Given(tuple(name.removeprefix(PREFIX).lower().split("__")), value, name)
        for name, value in sorted(environ.items())
        if name.startswith(PREFIX) and not name.startswith(NOT_SETTINGS)
    ]
    return list(_usable(found, known, problems, Path()))


def from_toml(path: Path, known: Known, problems: list[str]) -> list[Given]:
    """Take every key of a file; unknown ones, and a file that cannot be read, are problems."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: {error.strerror}; correct --config, or the file's rights")
        return []
    except ValueError as error:  # TOML and UTF-8 alike
        problems.append(f"{path}: is not TOML in UTF-8 ({_small(str(error))}); correct that place")
        return []
    found = [Given(key, value, f"{path}: {'.'.join(key)}") for key, value in _flat(content, (), known)]
    return list(_usable(found, known, problems, path.parent))


def _flat(table: Mapping[str, Any], above: Key, known: Known) -> Iterator[tuple[Key, Any]]:
    for name, value in table.items():
        key = (*above, name)
        if isinstance(value, dict) and key in known.groups:
            yield from _flat(value, key, known)
        else:
            yield key, value


def _usable(found: Iterable[Given], known: Known, problems: list[str], folder: Path) -> Iterator[Given]:
    """Read secrets from their files, place paths, and turn what cannot be a setting into problems."""
    seen: dict[Key, str] = {}
    for given in found:
        secret = known.secret_of(given.key)
        key = secret or given.key
        if key in known.groups:
            problems.append(
                f"{given.name}: is a group of settings; set one of {_below(key, given.name, known)}"
            )
        elif not known.knows(key):
            problems.append(f"{given.name}: there is no such setting; {_likely(given, known)}")
        elif key in seen:
            problems.append(f"{given.name}: {seen[key]} is set too; keep one of the two")
        elif secret is not None:
            yield from _from_file(given, secret, folder, problems)
        elif key in known.paths and isinstance(given.value, str) and given.value:
            yield given._replace(value=folder / given.value)
        else:
            yield given
        seen[key] = given.name


def _from_file(given: Given, secret: Key, folder: Path, problems: list[str]) -> Iterator[Given]:
    if not isinstance(given.value, str) or not given.value:
        problems.append(f"{given.name}: names no file; write the path of the file that holds the secret")
        return
    path = folder / given.value
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_SECRET_BYTES).strip("\r\n")
    except OSError as error:
        problems.append(
            f"{given.name}: {path} cannot be read ({error.strerror}); correct the path, or its rights"
        )
        return
    except UnicodeDecodeError:
        problems.append(f"{given.name}: {path} is not text in UTF-8; write the secret anew")
        return
    if not text:
        problems.append(f"{given.name}: {path} is empty; write the secret into it")
        return
    yield Given(secret, text, given.name)


def _below(group: Key, name: str, known: Known) -> str:
    if group in known.tables:
        return _named_like(name, (*group, "…"))
    return ", ".join(_named_like(name, key) for key in known.about if key[: len(group)] == group)


def _likely(given: Given, known: Known) -> str:
    """The setting that was probably meant, in the giver's way of writing."""
    dotted = {".".join(key): key for key in known.about}
    dotted |= {".".join(key) + _FILE: (*key[:-1], key[-1] + _FILE) for key in known.secrets}
    near = difflib.get_close_matches(".".join(given.key), dotted, n=1, cutoff=0.7)
    if near:
        return f"did you mean {_named_like(given.name, dotted[near[0]])}?"
    return "remove it; docs/settings.md lists all there are"


def _named_like(name: str, key: Key) -> str:
    return variable(key) if name.startswith(PREFIX) else ".".join(key)


def nested(given: Iterable[Given]) -> dict[str, Any]:
    """Put values where their keys say; a later one takes the place of an earlier one."""
    whole: dict[str, Any] = {}
    for key, value, _ in given:
        place = whole
        for part in key[:-1]:
            place = place.setdefault(part, {})
        place[key[-1]] = value
    return whole


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
