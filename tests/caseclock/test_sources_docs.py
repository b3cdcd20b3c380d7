"""docs/mapping.md is executed: its mappings are the files, its fragments valid, every key explained."""

import doctest
import json
import re
from typing import Any, Final

import pytest
import yaml
from pydantic import BaseModel

from caseclock.sources import identity, lines, load_mapping
from caseclock.sources.expression import Condition, Expression
from caseclock.sources.identity import IDENTIFYING
from caseclock.sources.mapping import CsvFormat, EventRule, Identity, Mapping, TimeRules
from caseclock.sources.mapping_file import parse_mapping
from schemas.dead_letter import Reason
from tests.caseclock.sources_kit import DATA, DOCS, PLAIN, read

TEXT: Final = (DOCS / "mapping.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```(\w+)(?: ([\w./]+))?\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FRAGMENTS: Final = [content for kind, name, content in BLOCKS if kind == "yaml" and not name]


@pytest.mark.parametrize(
    "name", ["docs/mappings/boston311.yaml", "docs/mappings/wabo.yaml", "docs/mappings/ward_office.yaml"]
)
def test_the_mappings_of_the_page_are_the_files(name: str) -> None:
    shown = {place: content for _, place, content in BLOCKS}

    assert shown[name] == (DOCS.parent / name).read_text(encoding="utf-8")
    assert load_mapping(DOCS.parent / name).events


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=range(len(FRAGMENTS)))
def test_every_fragment_of_the_page_is_valid_in_a_mapping(fragment: str) -> None:
    whole = yaml.safe_dump(
        {key: value for key, value in PLAIN.items() if not re.search(rf"^{key}:", fragment, re.M)}
    )

    assert parse_mapping(whole + fragment, "fragment").source


def test_the_page_s_result_is_what_the_ward_office_s_file_gives() -> None:
    (shown,) = [content for kind, _, content in BLOCKS if kind == "json"]
    found, dead = read(DATA / "ward_office.csv", load_mapping(DOCS / "mappings" / "ward_office.yaml"))

    assert json.loads(shown) == json.loads(found[0].value)
    for each in dead:
        assert f"| {each.number} | `{each.reason}` | {each.field} |" in TEXT


@pytest.mark.parametrize("model", [Mapping, CsvFormat, TimeRules, EventRule, Expression, Identity, Condition])
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    keys = [field.alias or name for name, field in model.model_fields.items()]

    assert [key for key in keys if f"`{key}`" not in TEXT] == []


def test_every_reason_a_mapped_row_may_have_is_explained() -> None:
    only_native = {
        Reason.NOT_JSON,
        Reason.NOT_AN_OBJECT,
        Reason.TOO_DEEP,
        Reason.UNKNOWN_TYPE,
        Reason.UNKNOWN_VERSION,
    }
    never = {Reason.MISSING_COLUMN}

    assert [each for each in Reason if each not in only_native | never and f"`{each}`" not in TEXT] == []


def test_the_fields_that_identify_an_event_are_those_of_the_page() -> None:
    for kind, fields in IDENTIFYING.items():
        assert f"| `{kind}` | {', '.join(f'`{field}`' for field in fields)} |" in TEXT


@pytest.mark.parametrize("module", [identity, lines])
def test_the_examples_in_the_code_are_true(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
