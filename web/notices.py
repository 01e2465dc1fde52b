"""Small pages that stand alone: they are shown to people who may not have our stylesheet."""

import htpy as h
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

_STYLE = Markup(
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#0b0f14;"
    "color:#d7e0ea;font:16px/1.5 system-ui,sans-serif}main{max-width:34rem;padding:2rem}"
    "h1{font-size:1.4rem;margin:0 0 1rem}code{background:#18212b;padding:.1em .4em;"
    "border-radius:4px}a{color:#5cc8ff}p.brand{letter-spacing:.2em;color:#8aa0b4;font-size:.75rem}"
)


def notice(
    status: int, title: str, *paragraphs: h.Node, headers: dict[str, str] | None = None
) -> Response:
    """A page with a title and a few words."""
    page = h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.title[f"{title} · Constellation Overwatch"],
            h.link(rel="icon", href="data:,"),
            h.style[_STYLE],
        ],
        h.body[
            h.main(".error-page")[
                h.p(".brand")["CONSTELLATION OVERWATCH"],
                h.h1[title],
                (h.p[each] for each in paragraphs),
            ]
        ],
    ]
    return HTMLResponse(str(page), status, headers)


_NEW_LINK = ("Run ", h.code["overwatch link"], " on the machine, and open the address it prints.")


def sign_in_needed() -> Response:
    return notice(401, "Please sign in", _NEW_LINK)


def link_useless() -> Response:
    """The same for a link that was used, has expired, or never was."""
    why = "A sign-in link works once, and for half an hour after it was made."
    return notice(401, "This link cannot be used", why, _NEW_LINK)


def too_many(seconds: int) -> Response:
    return notice(
        429,
        "Too many tries",
        f"Please wait {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def wrong_origin() -> Response:
    return notice(403, "Refused", "This must be asked for from our own pages.")


def not_found() -> Response:
    return notice(404, "Not found", h.a(href="/map")["Back to the map"])


def broken() -> Response:
    return notice(500, "Something went wrong", "It has been written to the log.")
