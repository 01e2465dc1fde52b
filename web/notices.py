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
    "p{margin:.6rem 0 0;text-wrap:pretty;overflow-wrap:anywhere}"
    "code{background:#16212c;color:#e6eff7;padding:.15em .5em;border-radius:5px;white-space:nowrap}"
    "a{color:#3fb8ff}"
    "button{margin-top:1.1rem;padding:.6rem 1.1rem;font:inherit;color:#04121d;background:#3fb8ff;"
    "border:0;border-radius:8px;cursor:pointer}button:disabled{opacity:.5}"
    "label{display:block;margin-top:1rem;font-size:.9rem}input{box-sizing:border-box;width:100%;"
    "margin-top:.5rem;padding:.55rem .7rem;font:inherit;color:#e6eff7;background:#060a0f;"
    "border:1px solid #24323f;border-radius:8px}:focus-visible{outline:2px solid #3fb8ff;"
    "outline-offset:2px}[role=alert]{color:#ffb74a}"
    ".brand{display:flex;align-items:center;gap:.7rem;margin:0 0 1.6rem;"
    "letter-spacing:.2em;color:#7b8d9e;font-size:.75rem}.brand svg{width:28px;flex:none}"
)
_MARK = Markup((STATIC / "mark.svg").read_text())  # noqa: S704  (a file of ours)


def notice(
    status: int,
    title: str,
    *paragraphs: h.Node,
    headers: dict[str, str] | None = None,
    form: h.Node = None,
    modules: tuple[str, ...] = (),
) -> Response:
    """A page with a title, a few words, and perhaps something to fill in."""
    page = h.html(lang="en")[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.title[f"{title} · Constellation Overwatch"],
            h.link(rel="icon", href="data:,"),
            h.style[_STYLE],
            (h.script(type="module", src=f"/static/{name}") for name in modules),
        ],
        h.body[
            h.main(".error-page")[
                h.p(".brand")[_MARK, "CONSTELLATION OVERWATCH"],
                h.h1[title],
                (h.p[each] for each in paragraphs),
                form,
            ]
        ],
    ]
    return HTMLResponse(str(page), status, headers)


_NEW_LINK = ("Run ", h.code["overwatch link"], " on the machine, and open the address it prints.")


def sign_in_page(trouble: str) -> Response:
    """How to get in: by passkey, or else why not by passkey, and by a link."""
    if trouble:
        return notice(401, "Please sign in", trouble, _NEW_LINK)
    return notice(
        401,
        "Please sign in",
        form=h.fragment[
            h.button(type="button", data_passkey="login")["Sign in with a passkey"],
            h.p(role="alert"),
            h.p["No passkey yet, or not at hand? ", *_NEW_LINK],
        ],
        modules=("passkeys.js",),
    )


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
