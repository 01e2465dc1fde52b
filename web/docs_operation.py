"""An operation as people read it: what it takes, an example of it, what it answers."""

from http import HTTPStatus

import htpy as h
import msgspec

from web.docs_schema import example, kind, limits
from web.openapi import PROBLEM, Json


def operation_card(method: str, path: str, each: Json, schemas: Json) -> h.Element:
    scope = each.get("x-required-scope")
    needs = "public" if not each["security"] else scope or "any key"
    return h.article(id=each["operationId"], tabindex="-1")[
        h.header[
            h.h3[
                h.span(f".method.{method}")[method],
                h.code(".path")[_path(path)],
                h.a(".here", href=f"#{each['operationId']}", aria_label="Link to this")["#"],
            ],
            h.span(".scope.old")["deprecated"] if each.get("deprecated") else None,
            h.span(".scope", title="The scope that a key needs")[needs],
        ],
        h.p(".summary")[each["summary"]],
        prose(each.get("description", "")),
        _parameters(each["parameters"]),
        _body(each, schemas),
        h.h4["Example"],
        h.div(".sample")[
            h.button(type="button", data_copy=True)["Copy"],
            h.pre[h.code[_curl(method, path, each, schemas)]],
        ],
        h.h4["Answers"],
        h.dl(".answers")[(_answer(*pair) for pair in each["responses"].items())],
    ]


def _path(path: str) -> h.Node:
    """A path whose parameters stand out; it may be broken at each slash."""
    return [
        [h.wbr, "/", h.var[part] if part.startswith("{") else part] for part in path.split("/")[1:]
    ]


def _parameters(parameters: list[Json]) -> h.Node:
    if not parameters:
        return None
    return [
        h.h4["Parameters"],
        h.dl(".fields")[
            (
                field_row(
                    each["name"],
                    {"description": each.get("description", ""), **each["schema"]},
                    each.get("required", False),
                    each["in"],
                )
                for each in parameters
            )
        ],
    ]


def _body(each: Json, schemas: Json) -> h.Node:
    if "requestBody" not in each:
        return None
    content = each["requestBody"]["content"]
    media, first = next(iter(content.items()))
    return [
        h.h4["Body ", h.small[", ".join(content)]],
        h.p[kind(first["schema"])],
        h.pre[h.code[_shown(example(first["schema"], schemas))]] if "json" in media else None,
    ]


def field_row(name: str, schema: Json, required: bool, place: str = "") -> h.Fragment:  # noqa: FBT001
    default = schema.get("default")
    return h.fragment[
        h.dt[
            h.code[name], h.span(".place")[place], h.span(".must")["required"] if required else ""
        ],
        h.dd[
            h.span(".kind")[kind(schema)],
            h.span(".limits")[limits(schema)],
            h.span(".default")["else ", h.code[str(default)]] if default else None,
            prose(schema.get("description", "")),
        ],
    ]


def _answer(code: str, said: Json) -> h.Fragment:
    good = "good" if int(code) < HTTPStatus.BAD_REQUEST else "bad"
    content = said.get("content", {})
    shown = [
        [h.small[media], " ", kind(each["schema"]) if each.get("schema") else ""]
        for media, each in content.items()
        if media != PROBLEM
    ]
    headers = [
        h.p[h.code[name], " ", each["description"]]
        for name, each in said.get("headers", {}).items()
    ]
    return h.fragment[
        h.dt(f".{good}")[code],
        h.dd[said["description"], h.div(".content")[shown] if shown else None, headers],
    ]


def _curl(method: str, path: str, each: Json, schemas: Json) -> str:
    first = "curl" if method == "get" else f"curl -X {method.upper()}"
    lines = [f'{first} -H "X-API-Key: $KEY"' if each["security"] else first]
    if "requestBody" in each:
        media, said = next(iter(each["requestBody"]["content"].items()))
        body = msgspec.json.encode(example(said["schema"], schemas)).decode()
        lines += [f"-H 'Content-Type: {media}'", "-d '{}'".format(body.replace("'", "'\\''"))]
    streams = any("text/event-stream" in said.get("content", {}) for said in _said(each))
    lines += ["-N"] if streams else []
    return " \\\n  ".join([*lines, f'"$URL{path.replace("{org_id}", "default")}"'])


def _said(each: Json) -> list[Json]:
    return list(each["responses"].values())


def prose(text: str) -> h.Node:
    """Paragraphs, with what stands between backticks as code."""
    return [
        h.p[[h.code[part] if place % 2 else part for place, part in enumerate(each.split("`"))]]
        for each in text.replace("``", "`").split("\n\n")
        if each
    ]


def _shown(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
