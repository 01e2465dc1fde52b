"""One entity as a view: its page, and the charts of its last ten minutes."""

from collections.abc import Set as AbstractSet
from typing import Literal

from markupsafe import Markup

from web import frames, reading, status
from web.entity_groups import groups
from web.entity_html import GONE, page
from web.picture import Picture
from web.rings import CHARTS


class EntityView:
    """As ``FleetView``, for one entity of an organisation."""

    def __init__(self, picture: Picture, organization: str, entity_id: str) -> None:
        self._picture = picture
        self._organization = organization
        self._entity_id = entity_id
        self._sent_top = self._top()
        self._sent_look = self._look()
        self._ring = picture.rings.view(entity_id)
        self._drawn = self._ring.total

    def snapshot(self) -> str:
        return (
            frames.patch(self._top())
            + frames.patch(self.html())
            + self._charts("snapshot", 0, self._drawn)
        )

    def delta(self, changed: AbstractSet[str]) -> str:  # noqa: ARG002  (silence changes it too)
        """What has changed since the last call."""
        events = []
        look, top = self._look(), self._top()
        if look != self._sent_look:
            self._sent_look = look
            events.append(frames.patch(self.html()))
        if top != self._sent_top:
            self._sent_top = top
            events.append(frames.patch(top))
        ring = self._picture.rings.view(self._entity_id)
        if ring is not self._ring:  # The entity has been away in the meantime.
            self._ring, self._drawn = ring, ring.total
            events.append(self._charts("snapshot", 0, ring.total))
        elif ring.total > self._drawn:
            events.append(self._charts("append", self._drawn, ring.total))
            self._drawn = ring.total
        return "".join(events)

    def html(self) -> Markup:
        """The entity as it is now."""
        entity = self._picture.entity(self._organization, self._entity_id)
        return GONE if entity is None else page(entity, self._picture)

    def _top(self) -> Markup:
        picture = self._picture
        counts = status.counts(status.states(picture, self._organization))
        return counts + status.connection(picture) + status.banner(picture)

    def _look(self) -> object:
        """What the page depends on, but for ages, which the browser counts by itself."""
        entity = self._picture.entity(self._organization, self._entity_id)
        if entity is None:
            return None
        found = groups(entity, reading.decode(entity.document), self._picture)
        return (
            entity.sequence,
            self._picture.judged(entity).state,
            [[each.state for each in group.fresh] for group in found],
        )

    def _charts(self, kind: Literal["snapshot", "append"], after: int, until: int) -> str:
        times, columns = self._ring.points(after, until)
        return "".join(frames.chart(name, kind, [times, columns[name]]) for name in CHARTS)
