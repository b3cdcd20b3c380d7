"""The OpenAPI 3.1 document of the API, made from the models of its answers and the table of its operations."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dashboards.board.web.addresses import DEFAULT_SCOPE, SCOPES
from dashboards.board.web.models import ANSWERS, IntakeAnswer, ProblemAnswer
from dashboards.board.web.operations import OPERATIONS
from dashboards.board.web.problems import MEDIA
from schemas.period import DEFAULT_PERIOD, PERIODS

_REF: Final = "#/components/schemas/{model}"
_ABOUT: Final = """The live clock of a public administration, for programs. Field names are those of units.csv.

Every answer says up to when it counts (`as_of`), when it was made (`generated_at`), for which `period` and `scope`.
Numbers of flow, promise, speed, voice and attributes are of the period; stock is as it is now. Flow counts
every end, also one after which the case was reopened, so that the ledger adds up. A suppressed number is
null and named in `suppressed`; one that was corrected later is named in `corrected`. Answers have an ETag: ask with
`If-None-Match`. The same as files: `/data/v1/`."""


def document() -> dict[str, Any]:
    """The whole document."""
    models: list[type[BaseModel]] = [*ANSWERS.values(), ProblemAnswer, IntakeAnswer]
    _, defined = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Caseclock",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": _paths(),
        "components": {
            "schemas": defined["$defs"],
            "securitySchemes": {"source": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        parameters = [_choice("period", PERIODS, DEFAULT_PERIOD), _choice("scope", SCOPES, DEFAULT_SCOPE)]
        if "{unit_id}" in each.path:
            parameters.insert(0, _unit("path"))
        if each.of_unit:
            parameters.append(_unit("query"))
        paths[each.path] = {
            "get": {
                "operationId": each.name,
                "summary": each.summary,
                "parameters": parameters,
                "responses": {
                    "200": _content(ANSWERS[each.name].__name__, each.summary, "application/json"),
                    "304": {"description": "It is still the same as what the client has."},
                    **{status: _problem(text) for status, text in _PROBLEMS.items()},
                },
            }
        }
    paths["/events"] = {"post": _INTAKE}
    return paths


_PROBLEMS: Final = {
    "400": "A parameter or a value that there is not.",
    "404": "There is no such unit.",
    "429": "Too many requests; Retry-After says when to come again.",
    "503": "There are no numbers yet; Retry-After says when to come again.",
}


def _choice(name: str, values: tuple[str, ...], default: str) -> dict[str, Any]:
    schema = {"type": "string", "enum": list(values), "default": default}
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _unit(place: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": "unit_id", "in": place, "required": place == "path", "schema": schema}


def _content(model: str, text: str, media: str) -> dict[str, Any]:
    return {"description": text, "content": {media: {"schema": {"$ref": _REF.format(model=model)}}}}


def _problem(text: str) -> dict[str, Any]:
    return _content("ProblemAnswer", text, MEDIA)


_INTAKE: Final[dict[str, Any]] = {
    "operationId": "sendEvents",
    "summary": "Events of an office without Kafka: one as JSON, or many as NDJSON. Only where the operator opened it.",
    "description": "Answered only after Kafka has acknowledged. Good lines are taken although others are bad; a bad "
    "one is named by number and reason. What was answered 503 is not known to be taken: send all of it again, for an "
    "event_id that is there already changes nothing. The token decides the source; the whole body may be gzip.",
    "security": [{"source": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "description": "asyncapi.json describes events."}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    },
    "responses": {
        "200": _content("IntakeAnswer", "All lines were taken.", "application/json"),
        "207": _content("IntakeAnswer", "Some lines were taken, the others are named.", "application/json"),
        "422": _content("IntakeAnswer", "No line was taken; each is named.", "application/json"),
        "400": _problem("The body is broken or empty."),
        "401": _problem("No token, or none that is known."),
        "413": _problem("The body is too large."),
        "415": _problem("Another media type or encoding than those."),
        "429": _problem("Too many requests."),
        "503": _problem("Kafka is away: nothing is known to be taken; send all of it again."),
    },
}  # fmt: skip
