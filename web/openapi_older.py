"""The document for programs that know OpenAPI 3.0 alone: the same, in its words."""

from typing import Any

from web.openapi import Json

VERSION = "3.0.3"


def older(document: Json) -> Json:
    """An OpenAPI 3.1 document as one of 3.0."""
    return {**_said(document), "openapi": VERSION}


def _said(value: Any) -> Any:
    if isinstance(value, list):
        return [_said(each) for each in value]
    if not isinstance(value, dict):
        return value
    said = {name: _said(each) for name, each in value.items()}
    choices = said.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        said = _nullable(said, [each for each in choices if each != {"type": "null"}])
    if "const" in said:
        said["enum"] = [said.pop("const")]
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(said.get(exclusive), int | float):
            said[bound], said[exclusive] = said[exclusive], True
    if said.get("required") == []:
        del said["required"]
    if "prefixItems" in said:
        said["items"] = {"anyOf": said.pop("prefixItems")}
    return said


def _nullable(said: Json, choices: list[Json]) -> Json:
    rest = {name: each for name, each in said.items() if name != "anyOf"}
    if len(choices) == 1:
        (only,) = choices
        # Beside a reference nothing else counts.
        return {**rest, **({"allOf": [only]} if "$ref" in only else only), "nullable": True}
    return {**rest, "anyOf": choices, "nullable": True}
