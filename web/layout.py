"""What every page has: the head, the top bar, the modules."""

import htpy as h
from starlette.responses import HTMLResponse, Response

from web import status
from web.identity import Identity
from web.navigation import navigation
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
    who: Identity,
    picture: Picture,
    current: str = "",
    stream: str = "",
    modules: tuple[str, ...] = (),
    styles: tuple[str, ...] = (),
) -> Response:
    """A page. With ``stream``, a path of ours made of tokens, it follows what that says.

    ``current`` is the place in the navigation that it is at.
    """
    live = ("live.js", "vendor/datastar.js") if stream else ()
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
            (h.script(type="module", src=f"/static/{name}") for name in (*modules, *live)),
        ],
        h.body[
            h.header(".topbar")[
                h.a(".brand", href="/map")[
                    h.img(src="/static/mark.svg", alt=""), "CONSTELLATION ", h.span["OVERWATCH"]
                ],
                navigation(who, current),
                _pulse(who, picture) if stream else h.span(".counts"),
                h.form(".sign-out", method="post", action="/sign-out")[
                    h.button(type="submit")["Sign out"]
                ],
            ],
            status.banner(picture) if stream else None,
            content,
            h.div({"data-init": f"@get('{stream}',{_RETRY})"}, hidden=True) if stream else None,
        ],
    ]
    return HTMLResponse(str(document))


def _pulse(who: Identity, picture: Picture) -> h.Fragment:
    """What of the top bar is alive."""
    return h.fragment[
        status.counts(status.states(picture, who.organization)),
        status.connection(picture),
        h.time("#clock"),
    ]
