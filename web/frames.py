"""What goes over a live stream: Datastar's events and our own, rendered and compressed once.

Our own are ``datastar-geo`` (the map), ``datastar-chart`` (a chart) and
``datastar-beat`` (the server's time): Datastar hands every event whose name begins
with its own to a watcher, so one connection carries all.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

import msgspec
import zstandard
from datastar_py import ServerSentEventGenerator
from markupsafe import Markup

from flows.ontology.entities import Json

Cell = str | float | int | None

_json = msgspec.json.Encoder().encode


class Frame:
    """Events as sent: plain, and as one zstd frame. Frames that follow each other are a body."""

    def __init__(self, events: str) -> None:
        self.plain = events.encode()

    @cached_property
    def compressed(self) -> bytes:
        return zstandard.ZstdCompressor(level=3).compress(self.plain)


def patch(html: str | Markup) -> str:
    """Put elements in the place of those with the same id."""
    return str(ServerSentEventGenerator.patch_elements(str(html)))


def geo(kind: Literal["snapshot", "delta", "remove"], rows: Iterable[list[Cell] | str]) -> str:
    """Entities on the map: rows, or for ``remove`` their ids."""
    return f"event: datastar-geo\ndata: t {kind}\ndata: e {_text(list(rows))}\n\n"


def chart(name: str, kind: Literal["snapshot", "append"], columns: list[list[float | None]]) -> str:
    """Points of a chart: a column of seconds since 1970 and a column of values."""
    return f"event: datastar-chart\ndata: k {name}\ndata: m {kind}\ndata: e {_text(columns)}\n\n"


def beat(milliseconds: int) -> str:
    """The server's time, milliseconds since 1970."""
    return f"event: datastar-beat\ndata: t {milliseconds}\n\n"


def _text(value: object) -> str:
    """JSON on one line: it escapes what would end an event's line."""
    return _json(value).decode()


def shown(tree: Json | list[object], most: int) -> str:
    """JSON for people to read, cut off at ``most`` characters."""
    text = msgspec.json.format(_json(tree), indent=2).decode()
    return text if len(text) <= most else text[:most] + "\n…"
