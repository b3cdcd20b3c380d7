"""The contracts that others read: JSON Schemas and an AsyncAPI 3 document, generated from the very models.

`python -m schemas.contracts write` makes `schemas/contracts/` anew, `check` fails when it is not what the
models say.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from schemas.dead_letter import HEADER_PREFIX, DeadLetter
from schemas.events import EVENT_TYPES, MODELS, SCHEMA_VERSION, TITLES, AnyEvent
from schemas.unit_partial import UnitPartial
from schemas.version import content_version

FOLDER: Final = Path(__file__).parent / "contracts"
EXAMPLES: Final = Path(__file__).parent / "examples"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DEFAULT_PREFIX: Final = "caseclock."


def documents() -> dict[str, dict[str, Any]]:
    """Every document by file name."""
    found: dict[str, dict[str, Any]] = {}
    for name in EVENT_TYPES:
        found[f"{name}.v{SCHEMA_VERSION}.schema.json"] = {"$schema": DIALECT} | schema_of(name)
    union = TypeAdapter(AnyEvent).json_schema()
    found[f"event.v{SCHEMA_VERSION}.schema.json"] = {"$schema": DIALECT, "title": "Sự kiện / Event"} | union
    found["unit-partial.v1.schema.json"] = {"$schema": DIALECT} | UnitPartial.model_json_schema()
    found["dead-letter.v1.schema.json"] = {"$schema": DIALECT} | DeadLetter.model_json_schema()
    found["asyncapi.json"] = asyncapi()
    return found


def schema_of(event_type: str) -> dict[str, Any]:
    """The JSON Schema of one type of event."""
    return TypeAdapter(MODELS[event_type]).json_schema()


def example_of(event_type: str) -> dict[str, Any]:
    """The shipped example of one type of event, as it travels."""
    text = (EXAMPLES / f"{event_type}.v{SCHEMA_VERSION}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the topics: events, dead letters, what the agents exchange."""
    messages: dict[str, Any] = {name: _event_message(name) for name in EVENT_TYPES}
    messages["dead_letter"] = _dead_letter_message()
    messages["unit_partial"] = {
        "title": "Phần của một đơn vị / Partial numbers of a unit",
        "summary": "Absolute numbers of one unit from one partition; between workers, no promise to others.",
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {name: part for name, part in _rooted(UnitPartial).items() if name != "$defs"},
        },
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Caseclock",
            "version": f"{SCHEMA_VERSION}.0.0",
            "description": "Events of cases of a public administration, and what becomes of them. "
            f"Content {content_version({name: schema_of(name) for name in EVENT_TYPES})}.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": _channel("events", "Events of cases; the key of a record is its case_id.", EVENT_TYPES),
            "dead-letters": _channel(
                "dead-letters",
                "The original bytes and headers of what could not be read, with the reason; kept for 7 days.",
                ["dead_letter"],
            ),
            "unit-partials": _channel(
                "unit-partials", "Numbers of units on their way between workers.", ["unit_partial"]
            ),
        },
        "operations": {
            "readEvents": _operation("receive", "events", EVENT_TYPES),
            "sendDeadLetters": _operation("send", "dead-letters", ["dead_letter"]),
            "readDeadLetters": _operation("receive", "dead-letters", ["dead_letter"]),
            "sendUnitPartials": _operation("send", "unit-partials", ["unit_partial"]),
            "readUnitPartials": _operation("receive", "unit-partials", ["unit_partial"]),
        },
        "components": {
            "messages": messages,
            "schemas": _rooted(DeadLetter)["$defs"] | _rooted(UnitPartial)["$defs"],
        },
    }


def _event_message(name: str) -> dict[str, Any]:
    schema = schema_of(name)
    vietnamese, english = TITLES[name]
    return {
        "name": name,
        "title": f"{vietnamese} / {english}",
        "summary": schema["description"],
        "contentType": "application/json",
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema},
        "examples": [{"name": name, "payload": example_of(name)}],
    }


def _rooted(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema; references in an AsyncAPI document start at its root."""
    return model.model_json_schema(ref_template="#/components/schemas/{model}")


def _dead_letter_message() -> dict[str, Any]:
    schema = {name: part for name, part in _rooted(DeadLetter).items() if name != "$defs"}
    schema["properties"] = {HEADER_PREFIX + name: part for name, part in schema["properties"].items()}
    schema["required"] = [HEADER_PREFIX + name for name in schema["required"]]
    return {
        "name": "dead_letter",
        "title": schema["title"],
        "summary": "The payload is the original record, byte for byte; coordinates and reason are headers.",
        "contentType": "application/octet-stream",
        "headers": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema},
        "payload": {"type": "string", "format": "binary"},
    }


def _channel(topic: str, description: str, messages: Sequence[str]) -> dict[str, Any]:
    return {
        "address": f"{{prefix}}{topic}",
        "description": description,
        "parameters": {"prefix": {"description": "Prefix of all topics.", "default": DEFAULT_PREFIX}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }


def _operation(action: str, channel: str, messages: Sequence[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def render(document: dict[str, Any]) -> str:
    """A document as it stands in its file."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write every document, and remove those that are no longer made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = documents()
    for path in folder.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, document in made.items():
        (folder / name).write_text(render(document), encoding="utf-8")


def drift(folder: Path = FOLDER) -> list[str]:
    """The names of the files that are not what the models say: changed, missing, or no longer made."""
    made = {name: render(document) for name, document in documents().items()}
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in made.keys() | found.keys() if made.get(name) != found.get(name))


def main(arguments: Sequence[str]) -> int:
    """`write` or `check`; 0 = done, 1 = the files drifted from the models, 2 = wrong use."""
    if list(arguments) == ["write"]:
        write()
        return 0
    if list(arguments) == ["check"]:
        changed = drift()
        if changed:
            sys.stderr.write(f"{', '.join(changed)}: run `python -m schemas.contracts write` and commit\n")
        return 1 if changed else 0
    sys.stderr.write("say `python -m schemas.contracts write` or `… check`\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
