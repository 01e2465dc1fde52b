"""The lines that a source has opened, for whoever sends by them.

Sockets belong to who hears by them: a vehicle is answered where it was heard, and to nowhere
else. Both ends are in one process, and share this.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from connectors.mavlink_receiver import Line
from connectors.mavlink_voice import Voice


class Named(NamedTuple):
    """A line, and what its link is called."""

    link: str
    line: Line


class Lines:
    """Lines by name, none before a source has opened them. Used by one worker thread."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    @contextmanager
    def opened(self, lines: Sequence[Named]) -> Iterator[None]:
        """Let others send by these lines, until it is left."""
        self._lines = {each.link: each.line for each in lines}
        try:
            yield
        finally:
            self._lines = {}

    def peer(self, link: str, system: int, component: int) -> object | None:
        """Who on a link has spoken for a component last; None where nobody has."""
        line = self._lines.get(link)
        way = line and line.receiver.way(system, component)
        return (link, way.peer) if way else None

    def say(
        self, voice: Voice, link: str, to: tuple[int, int], name: str, fields: Mapping[str, Any]
    ) -> bool:
        """Say a message to a component of a system, to whom it was heard from last.

        Returns:
            Whether it has gone out. Never waits.

        Raises:
            Unspeakable: there is no such message, or its fields do not fit.
        """
        line = self._lines.get(link)
        way = line and line.receiver.way(*to)
        if line is None or not way:
            return False
        frame = voice.frame((link, way.peer), to, way.version, name, fields)
        return line.send(way.peer, frame)
