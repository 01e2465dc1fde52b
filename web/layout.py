"""What every page has: the head, the top bar, the modules."""

import htpy as h
from starlette.responses import HTMLResponse, Response

from web import status
from web.picture import Picture

# Datastar gives up after ten tries unless told otherwise, and at once when a stream
# ends cleanly, as it does whenever the server is restarted.
_RETRY = (
    "{retry:'always',retryInterval:300,retryMaxWait:3000,"
    "retryMaxCount:Infinity,openWhenHidden:true}"
)


def page(
    title: str,
    content: h.Node,
    *,
    organization: str,
    picture: Picture,
    stream: str,
    modules: tuple[str, ...],
    styles: tuple[str, ...] = (),
) -> Response:
    """A page that follows a live stream. ``stream`` is a path of ours, made of tokens."""
    document = h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.meta(name="color-scheme", content="dark"),
            h.title[f"{title} · Constellation Overwatch"],
            h.link(rel="icon", type="image/svg+xml", href="/static/mark.svg"),
            (
                h.link(rel="stylesheet", href=f"/static/{name}")
                for name in (*styles, "overwatch.css")
            ),
            (
                h.script(type="module", src=f"/static/{name}")
                for name in (*modules, "live.js", "vendor/datastar.js")
            ),
        ],
        h.body[
            h.header(".topbar")[
                h.a(".brand", href="/map")[
                    h.img(src="/static/mark.svg", alt=""), "CONSTELLATION ", h.span["OVERWATCH"]
                ],
                h.nav(aria_label="Main")[
                    h.a(href="/map", aria_current="page" if stream == "/live/fleet" else None)[
                        "Map"
                    ]
                ],
                status.counts(status.states(picture, organization)),
                status.connection(picture),
                h.time("#clock"),
                h.form(".sign-out", method="post", action="/sign-out")[
                    h.button(type="submit")["Sign out"]
                ],
            ],
            status.banner(picture),
            content,
            h.div({"data-init": f"@get('{stream}',{_RETRY})"}, hidden=True),
        ],
    ]
    return HTMLResponse(str(document))
