"""The top bar of a live page: counts, connection, and how old the picture is."""

from collections.abc import Set as AbstractSet

from markupsafe import Markup

from web import frames, status
from web.picture import Picture


class TopView:
    """For pages that show nothing else of the picture."""

    def __init__(self, picture: Picture, organization: str) -> None:
        self._picture = picture
        self._organization = organization
        self._sent = self._top()

    def snapshot(self) -> str:
        return frames.patch(self._top())

    def delta(self, changed: AbstractSet[str]) -> str:  # noqa: ARG002  (silence changes it too)
        """What has changed since the last call."""
        before, self._sent = self._sent, self._top()
        return frames.patch(self._sent) if self._sent != before else ""

    def _top(self) -> Markup:
        picture = self._picture
        counts = status.counts(status.states(picture, self._organization))
        return counts + status.connection(picture) + status.banner(picture)
