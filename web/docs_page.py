"""The page that describes the interface, made of its OpenAPI document; it needs no other host."""

from collections.abc import Iterator
from http import HTTPStatus

import htpy as h
import msgspec
from markupsafe import Markup

from web.assets import STATIC
from web.docs_schema import example, kind, limits
from web.openapi import PROBLEM, Json

# Stricter than that of other pages: nothing here is made by Datastar or MapLibre.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_MARK = Markup((STATIC / "mark.svg").read_text())  # noqa: S704  (a file of ours)
METHODS = ("get", "post", "put", "patch", "delete")
_FORMS = (
    ("JSON", "/api/openapi.json"), ("YAML", "/api/openapi.yaml"),
    ("3.0", "/api/openapi-3.0.json"),
)  # fmt: skip


def docs(document: Json) -> str:
    """The whole page."""
    title = document["info"]["title"]
    page = h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.meta(name="color-scheme", content="dark light"),
            h.title[title],
            h.link(rel="icon", href="data:,"),
            h.link(rel="stylesheet", href="/api/docs/docs.css"),
            h.script(type="module", src="/api/docs/docs.js"),
        ],
        h.body[
            h.a(".skip", href="#main")["Skip to the operations"],
            _side(document),
            h.main("#main")[_intro(document), _operations(document), _schemas(document)],
        ],
    ]
    return str(page)


def _each(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation: its method, its whole path, what it is."""
    server = document["servers"][0]["url"]
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method, server + path, methods[method]


def _side(document: Json) -> h.Element:
    tags = [each["name"] for each in document["tags"]]
    return h.aside[
        h.a(".brand", href="#main")[_MARK, h.span["CONSTELLATION ", h.b["OVERWATCH"]]],
        h.input(
            "#search", type="search", placeholder="Search", aria_label="Search the operations",
            autocomplete="off", spellcheck="false",
        ),
        h.nav(aria_label="Operations")[
            (
                h.section[
                    h.h2[tag],
                    h.ul[
                        (
                            h.li({"data-words": _words(method, path, each)})[
                                h.a(href=f"#{each['operationId']}")[
                                    h.span(f".method.{method}")[method], each["summary"]
                                ]
                            ]
                            for method, path, each in _each(document)
                            if each["tags"] == [tag]
                        )
                    ],
                ]
                for tag in tags
            ),
            h.p("#nothing", hidden=True)["Nothing is called that."],
            h.section[h.h2["Types"], h.ul[
                (
                    h.li({"data-words": name.lower()})[
                        h.a(href=f"#type-{name}")[name.rpartition(".")[2]]
                    ]
                    for name in sorted(document["components"]["schemas"])
                )
            ]],
        ],
        h.p(".keys")[
            h.kbd["/"], " search ", h.kbd["j"], h.kbd["k"], " next, previous ",
        ],
    ]  # fmt: skip


def _words(method: str, path: str, each: Json) -> str:
    """What an operation can be found by."""
    return f"{method} {path} {each['summary']} {each['operationId']}".lower()


def _intro(document: Json) -> h.Element:
    info = document["info"]
    return h.header(".intro")[
        h.h1[info["title"], h.small[info["version"]]],
        _prose(info["description"]),
        h.pre[h.code['curl -H "X-API-Key: $KEY" "$URL/api/v1/organizations/default/entities"']],
        h.p(".forms")[
            "OpenAPI ", document["openapi"], ": ",
            [h.a(href=address)[name] for name, address in _FORMS],
        ],
    ]  # fmt: skip


def _operations(document: Json) -> Iterator[h.Element]:
    schemas = document["components"]["schemas"]
    for tag in document["tags"]:
        yield h.section(".group")[
            h.h2[tag["name"]],
            (
                _operation(method, path, each, schemas)
                for method, path, each in _each(document)
                if each["tags"] == [tag["name"]]
            ),
        ]


def _operation(method: str, path: str, each: Json, schemas: Json) -> h.Element:
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
        _prose(each.get("description", "")),
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
                _field(
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


def _field(name: str, schema: Json, required: bool, place: str = "") -> h.Fragment:  # noqa: FBT001
    default = schema.get("default")
    return h.fragment[
        h.dt[
            h.code[name], h.span(".place")[place], h.span(".must")["required"] if required else ""
        ],
        h.dd[
            h.span(".kind")[kind(schema)],
            h.span(".limits")[limits(schema)],
            h.span(".default")["else ", h.code[str(default)]] if default else None,
            _prose(schema.get("description", "")),
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


def _schemas(document: Json) -> h.Element:
    schemas = document["components"]["schemas"]
    return h.section(".group")[
        h.h2["Types"],
        (
            h.article(id=f"type-{name}", tabindex="-1")[
                h.header[
                    h.h3[h.code[name.rpartition(".")[2]]],
                    h.a(".scope", href=f"/api/schemas/{name}.json")["JSON Schema"],
                ],
                _prose(schema.get("description", "")),
                h.dl(".fields")[
                    (
                        _field(field, each, field in schema.get("required", []))
                        for field, each in schema.get("properties", {}).items()
                    )
                ],
            ]
            for name, schema in sorted(schemas.items())
        ),
    ]


def _prose(text: str) -> h.Node:
    """Paragraphs, with what stands between backticks as code."""
    return [
        h.p[[h.code[part] if place % 2 else part for place, part in enumerate(each.split("`"))]]
        for each in text.split("\n\n")
        if each
    ]


def _shown(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
