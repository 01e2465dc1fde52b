"""Everything that goes wrong in a browser, so that a test fails though the page looks right."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

LOCAL_SCHEMES = ("data", "blob")
DRIVER = "GL Driver Message"  # How slow WebGL is without a graphics card.


class Trouble:
    """Errors of the console and of scripts, requests that failed or went elsewhere."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._origin = origin
        self._expected: list[re.Pattern[str]] = []
        self.seen: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def expect(self, *patterns: str) -> None:
        """From now on what matches one of these is no trouble, as when a server is killed."""
        self._expected.extend(re.compile(pattern) for pattern in patterns)

    def _add(self, text: str) -> None:
        if not any(pattern.search(text) for pattern in self._expected):
            self.seen.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and DRIVER not in message.text:
            self._add(f"{message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self._add(f"exception: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in LOCAL_SCHEMES and not request.url.startswith(f"{self._origin}/"):
            self._add(f"another origin: {request.url}")

    def _failed(self, request: Request) -> None:
        # What is still on its way when a page is left is taken back: a live stream always.
        if request.failure != "net::ERR_ABORTED":
            self._add(f"failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._add(f"status {response.status}: {response.url}")
