"""The page that describes the interface, made of its OpenAPI document; it needs no other host."""

from collections.abc import Iterator

import htpy as h
from markupsafe import Markup

from web.assets import STATIC
from web.docs_operation import field_row, operation_card, prose
from web.openapi import Json

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
        prose(info["description"]),
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
                operation_card(method, path, each, schemas)
                for method, path, each in _each(document)
                if each["tags"] == [tag["name"]]
            ),
        ]


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
                prose(schema.get("description", "")),
                h.dl(".fields")[
                    (
                        field_row(each, told, each in schema.get("required", []))
                        for each, told in schema.get("properties", {}).items()
                    )
                ],
            ]
            for name, schema in sorted(schemas.items())
        ),
    ]
