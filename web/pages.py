"""``/map``: the fleet as a table, and where it is."""

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from web.first_steps import first_steps
from web.fleet import FleetView
from web.identity import identity
from web.layout import page
from web.site import site

COLUMNS = (
    ("name", "Name", "who it is"),
    ("state", "State", "live, stale, lost, or a recording that is played"),
    ("battery", "Bat", "charge, percent"),
    ("altitude", "Alt", "height above home, else above the sea, else by the altimeter, metres"),
    ("speed", "Spd", "speed over ground, metres a second"),
    ("heading", "Hdg", "where the nose points, else the course over ground, degrees"),
    ("mode", "Mode", "flight mode"),
    ("age", "Heard", "how long ago it was heard"),
)
KEYS = (
    ("j", "next"),
    ("k", "previous"),
    ("↵", "go there"),
    ("o", "open"),
    ("f", "fit"),
    ("/", "filter"),
    ("esc", "let go"),
)


async def index(_request: Request) -> Response:
    return RedirectResponse("/map", 303)


async def map_page(request: Request) -> Response:
    """``GET /map``: the fleet as a table, and where it is."""
    here, who = site(request), identity(request)
    organization = who.organization
    fleet = FleetView(here.picture, organization, first_steps(here.settings))
    content = h.main(".dashboard")[
        h.section(".fleet", aria_label="Fleet")[
            h.input(
                {"data-filter": True},
                type="search",
                placeholder="Filter",
                aria_label="Filter the fleet",
                autocomplete="off",
            ),
            h.div(".fleet-scroll")[
                h.table(".fleet-table")[
                    h.thead[
                        h.tr[
                            (
                                h.th(f".{name}", scope="col", title=title)[
                                    h.button(type="button")[word]
                                ]
                                for name, word, title in COLUMNS
                            )
                        ]
                    ],
                    fleet.table(),
                ],
                fleet.notice(),
            ],
            h.p(".hints")[(h.span[h.kbd[key], f" {act}"] for key, act in KEYS),],
        ],
        h.section(".map-panel", aria_label="Map")[h.div("#map", {"data-ignore-morph": True})],
    ]
    return page(
        "Map",
        content,
        who=who,
        picture=here.picture,
        current="/map",
        stream="/live/fleet",
        modules=("map.js",),
        styles=("vendor/maplibre-gl.css",),
    )


routes = [
    Route("/", index, methods=["GET"]),
    Route("/map", map_page, methods=["GET"]),
]
