"""The router finds what Starlette's own finds, which tries all routes in turn."""

from itertools import product

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute

from web.router import WordRouter

pytestmark = pytest.mark.anyio

# Paths and methods; some are of the same paths as others, and the first of those counts.
TABLE = [
    ("/", ("GET",)),
    ("/a", ("GET",)),
    ("/a", ("POST",)),
    ("/a/b", ("POST",)),
    ("/a/{x}", ("GET", "DELETE")),
    ("/{y}/b", ("GET",)),
    ("/{y}/b/{x}", ("GET",)),
    ("/a/{x}/c", ("GET",)),
    ("/a/{x}.json", ("POST",)),
    ("/c/{x:path}", ("GET",)),
    ("/{y}/{x}/c", ("PUT",)),
    ("/a/b/c/{x}/a", ("GET",)),
]
WORDS = ("", "a", "b", "c", "x", "x.json", "static", "ws")
PATHS = [f"/{'/'.join(parts)}" for depth in range(4) for parts in product(WORDS, repeat=depth)]
DEEP = [
    "/a/b/c/x/a",
    "/a/b/c/x/b",
    "/a/b/c/{x}/a",
    "/a/b/c/x/a/",
    "/static/a/b/c/x/a/ä",
    "/c/a/b/c/x",
]
ASKED = [
    *(("http", method) for method in ("GET", "HEAD", "POST", "PUT", "DELETE")),
    ("websocket", "GET"),
]


def answering(text):
    async def answer(request):
        return PlainTextResponse(f"{text} {sorted(request.path_params.items())}")

    return answer


async def listen(socket):
    await socket.accept()
    await socket.close()


ROUTES = [
    *(Route(path, answering(path), methods=list(methods)) for path, methods in TABLE),
    WebSocketRoute("/a/{x}/ws", listen),
    Mount("/static", Route("/{x:path}", answering("a file")), name="static"),
]


async def said(router, kind, method, path):
    """All that a router says to a request, and the route that it was of."""
    messages = []

    async def send(message):
        messages.append(message)

    async def receive():
        return {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request"}

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [],
        "server": ("here", 80),
        "scheme": "http",
    }
    await router(scope, receive, send)
    return messages, scope.get("route"), scope.get("path_params")


@pytest.mark.parametrize(("kind", "method"), ASKED)
async def test_it_finds_what_is_found_by_trying_all_in_turn(kind, method):
    """Also where there is none, or not for that method, or with a slash more or less."""
    quick, plain = WordRouter(ROUTES), Router(ROUTES)
    for path in PATHS + DEEP:
        found = await said(quick, kind, method, path)
        assert found == await said(plain, kind, method, path), path


async def test_few_routes_are_compared_with_a_path():
    """A hundred others cost nothing."""
    compared = []

    class Counted(Route):
        def matches(self, scope):
            compared.append(self.path)
            return super().matches(scope)

    many = [Counted(f"/of/{{x}}/{number}/{{y}}", answering(number)) for number in range(100)]
    router = WordRouter(many)

    for name in ("me", "you"):
        assert (await said(router, "http", "GET", f"/of/{name}/99/{name}"))[0][0]["status"] == 200
    assert compared == ["/of/{x}/99/{y}"] * 2


async def test_a_long_path_that_somebody_has_made_up_fills_no_memory():
    """What is kept of a path is no longer than the longest of ours."""
    router, path = WordRouter(ROUTES), "/a" * 100_000

    assert len(router._shape(path)) < 10
    assert (await said(router, "http", "GET", path))[0][0]["status"] == 404
