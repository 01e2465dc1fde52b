"""Small pages that stand alone: they are shown to people who may not have our stylesheet."""

import htpy as h
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from web.assets import STATIC

_STYLE = Markup(
    "body{margin:0;min-height:100vh;display:grid;place-items:center;color-scheme:dark;"
    "background:#060a0f;color:#b9c7d4;font:16px/1.6 system-ui,sans-serif}"
    "main{box-sizing:border-box;width:min(30rem,100vw - 2rem);padding:2rem 2.2rem;"
    "background:#0a1017;border:1px solid #24323f;border-radius:14px}"
    "h1{font-size:1.4rem;line-height:1.3;margin:0 0 .8rem;color:#e6eff7}"
    "p{margin:.6rem 0 0;text-wrap:pretty}code{background:#16212c;color:#e6eff7;"
    "padding:.15em .5em;border-radius:5px;white-space:nowrap}a{color:#3fb8ff}"
    ".brand{display:flex;align-items:center;gap:.7rem;margin:0 0 1.6rem;"
    "letter-spacing:.2em;color:#7b8d9e;font-size:.75rem}.brand svg{width:28px;flex:none}"
)
_MARK = Markup((STATIC / "mark.svg").read_text())  # noqa: S704  (a file of ours)


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
                h.p(".brand")[_MARK, "CONSTELLATION OVERWATCH"],
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
