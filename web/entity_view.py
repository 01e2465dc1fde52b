"""One entity as a view: its page, and the charts of its last ten minutes."""

from collections.abc import Set as AbstractSet

from markupsafe import Markup

from web import frames, reading, status
from web.entity_html import GONE, branches, page
from web.picture import Picture
from web.rings import CHARTS


class EntityView:
    """As ``FleetView``, for one entity of an organisation."""

    def __init__(self, picture: Picture, organization: str, entity_id: str) -> None:
        self._picture = picture
        self._organization = organization
        self._entity_id = entity_id
        self._key: object = None
        self._connection = status.connection(picture) + status.banner(picture)
        self._counts = status.states(picture, organization)
        self._ring = picture.rings.view(entity_id)
        self._drawn = self._ring.total
        self._page()

    def snapshot(self) -> str:
        html = self.html()
        times, columns = self._ring.points(0, self._drawn)
        return (
            frames.patch(status.counts(self._counts) + self._connection)
            + frames.patch(html)
            + "".join(frames.chart(name, "snapshot", [times, columns[name]]) for name in CHARTS)  # type: ignore[list-item]
        )

    def delta(self, changed: AbstractSet[str]) -> str:  # noqa: ARG002  (silence changes it too)
        """What has changed since the last call."""
        events = []
        if page := self._page():
            events.append(frames.patch(page))
        connection = status.connection(self._picture) + status.banner(self._picture)
        counts = status.states(self._picture, self._organization)
        if (connection, counts) != (self._connection, self._counts):
            self._connection, self._counts = connection, counts
            events.append(frames.patch(status.counts(counts) + connection))
        if self._ring.total > self._drawn:
            times, columns = self._ring.points(self._drawn, self._ring.total)
            self._drawn = self._ring.total
            events.extend(frames.chart(name, "append", [times, columns[name]]) for name in CHARTS)  # type: ignore[list-item]
        return "".join(events)

    def html(self) -> Markup:
        """The entity as it is now."""
        entity = self._picture.entity(self._organization, self._entity_id)
        return GONE if entity is None else page(entity, self._picture)

    def _page(self) -> Markup | None:
        """The page, if anything on it but ages differs from the last."""
        entity = self._picture.entity(self._organization, self._entity_id)
        key: object = None
        if entity is not None:
            document = reading.decode(entity.document)
            key = (
                entity.sequence,
                self._picture.judged(entity).state,
                [state for _, _, state, _ in branches(entity, document, self._picture)],
            )
        if key == self._key:
            return None
        self._key = key
        return self.html()
