"""Types as people read them: what a value is, in words, and what one looks like."""

from typing import Any

import htpy as h

from web.openapi import Json

REFERENCE = "#/components/schemas/"
MOST_LEVELS = 6
# What values of these names look like.
_LOOKS = {
    "entity_id": "0b7e6f4e-6c1f-4a8e-9f0c-3f7d2a1b5c6d",
    "org_id": "default",
    "name": "Survey 1",
    "latitude": 47.3769,
    "longitude": 8.5417,
    "altitude": 120.0,
    "timestamp": "2026-01-01T12:00:00Z",
    "created_at": "2026-01-01T12:00:00Z",
    "updated_at": "2026-01-01T12:00:00Z",
}
_BOUNDS = (
    ("minimum", "≥ {}"), ("exclusiveMinimum", "> {}"), ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"), ("minLength", "at least {} letters"),
    ("maxLength", "at most {} letters"), ("minItems", "at least {}"), ("maxItems", "at most {}"),
    ("pattern", "like {}"),
)  # fmt: skip


def named(schema: Json) -> str:
    """The name of the type that a schema refers to; empty where it is none of them."""
    reference = schema.get("$ref", "")
    return str(reference).removeprefix(REFERENCE) if reference else ""


def kind(schema: Json) -> h.Node:
    """What a value is: a type, or a link to one."""
    name = named(schema)
    if name:
        return h.a(".type", href=f"#type-{name}")[name.rpartition(".")[2]]
    choices = schema.get("anyOf")
    if choices:
        return [
            node
            for place, each in enumerate(choices)
            for node in ((" or ", kind(each)) if place else (kind(each),))
        ]
    if schema.get("type") == "array":
        return ["list of ", kind(schema.get("items", {}))]
    if "enum" in schema or "const" in schema:
        return "one of"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return ["object of ", kind(schema["additionalProperties"])]
    form = schema.get("format")
    return f"{schema.get('type', 'anything')}{f' ({form})' if form else ''}"


def limits(schema: Json) -> list[h.Element]:
    """What is more to it: the values that it may have, where it begins and ends."""
    found = [h.code[str(each)] for each in schema.get("enum", [])]
    found += [h.span[words.format(schema[name])] for name, words in _BOUNDS if name in schema]
    for each in (*schema.get("anyOf", ()), schema.get("items")):
        if isinstance(each, dict):
            found += limits(each)
    return found


def example(schema: Json, schemas: Json, name: str = "", levels: int = MOST_LEVELS) -> Any:
    """A value of a type, as far as one can be thought of."""
    if named(schema):
        return example(schemas[named(schema)], schemas, name, levels)
    said = [schema.get("default"), *schema.get("enum", ())]
    for each in said:
        if each not in (None, [], {}, ""):
            return each
    for each in schema.get("anyOf", ()):
        if each.get("type") != "null":
            return example(each, schemas, name, levels)
    return _looks(schema, schemas, name, levels)


def _looks(schema: Json, schemas: Json, name: str, levels: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, schemas, levels)
        case "array":
            return [example(schema.get("items", {}), schemas, name, levels - 1)] if levels else []
        case "string":
            return _LOOKS.get(name, "2026-01-01T12:00:00Z" if "format" in schema else "text")
        case "number" | "integer":
            return _LOOKS.get(name, schema.get("minimum", schema.get("exclusiveMinimum", 1)))
        case "boolean":
            return True
        case _:
            return {}


def _object(schema: Json, schemas: Json, levels: int) -> Json:
    if not levels:
        return {}
    properties = schema.get("properties", {})
    return {
        name: example(each, schemas, name, levels - 1)
        for name, each in properties.items()
        if not name.startswith("$")
        and (name in schema.get("required", []) or levels == MOST_LEVELS)
    }
