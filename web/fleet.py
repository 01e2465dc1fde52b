"""The fleet as a view: a table of rows, the map, and the counts.

Rows are the hot path, rendered many times a second: plain f-strings with every text
escaped, kept for as long as the entity they show is the same.
"""

from collections import Counter
from collections.abc import Set as AbstractSet

import htpy as h
import msgspec
from markupsafe import Markup, escape

from web import frames, status, wording
from web.entity import Entity, State
from web.freshness import Fresh
from web.picture import Picture

# From this part of the rows on, sending the whole table costs the browser less.
MANY = 0.5


class Row(msgspec.Struct, frozen=True):
    """An entity as the fleet shows it: in the table, and on the map if it has a place."""

    entity: Entity
    state: State
    placed: State
    html: str
    place: list[frames.Cell] | None

    @property
    def order(self) -> tuple[str, str]:
        return self.entity.head.name.casefold(), self.entity.head.entity_id


class FleetView:
    """Tells ``delta`` by what it told last; ``snapshot`` leaves that alone."""

    def __init__(self, picture: Picture, organization: str, first_steps: h.Element) -> None:
        self._picture = picture
        self._organization = organization
        self._first_steps = first_steps
        self._sent = self._rows({})
        self._sent_top = self._top(self._sent)

    def snapshot(self) -> str:
        rows = self._rows(self._sent)
        return (
            frames.patch(self._top(rows))
            + frames.patch(table_body(rows))
            + frames.geo("snapshot", (row.place for row in rows.values() if row.place))
        )

    def table(self) -> Markup:
        """The body of the table, for a page's first sight of it."""
        return Markup(table_body(self._sent))  # noqa: S704  (rows escape what they show)

    def notice(self) -> Markup:
        """What stands below the table while it is empty."""
        return self._notice(self._sent)

    def delta(self, changed: AbstractSet[str]) -> str:  # noqa: ARG002  (silence changes it too)
        """What has changed since the last call."""
        before = self._sent
        rows = self._rows(before)
        news = [row for key, row in rows.items() if row is not before.get(key)]
        same = list(rows) == list(before)
        self._sent = rows
        events = []
        if not same or len(news) > len(rows) * MANY:
            events.append(frames.patch(table_body(rows)))
        elif news:
            events.append(frames.patch("".join(row.html for row in news)))
        events.extend(_moves(before, rows, news))
        top = self._top(rows)
        if top != self._sent_top:
            self._sent_top = top
            events.append(frames.patch(top))
        return "".join(events)

    def _rows(self, known: dict[str, Row]) -> dict[str, Row]:
        """Every row in the order of the table; those that are still right are taken over."""
        rows = [
            self._row(entity, known.get(key))
            for key, entity in self._picture.entities(self._organization).items()
        ]
        rows.sort(key=lambda row: row.order)
        return {row.entity.head.entity_id: row for row in rows}

    def _row(self, entity: Entity, known: Row | None) -> Row:
        judged, placed = self._picture.judged(entity), self._picture.placed(entity)
        same = known is not None and known.entity is entity
        if known and same and (known.state, known.placed) == (judged.state, placed.state):
            return known
        return Row(
            entity,
            judged.state,
            placed.state,
            row_html(entity, judged.state, judged.age),
            place(entity, placed, judged.state),
        )

    def _top(self, rows: dict[str, Row]) -> Markup:
        return (
            status.counts(Counter(row.state for row in rows.values()))
            + status.connection(self._picture)
            + status.banner(self._picture)
            + self._notice(rows)
        )

    def _notice(self, rows: dict[str, Row]) -> Markup:
        within = "" if rows else self._first_steps
        return Markup('<div id="first-steps">{}</div>').format(within)


def _moves(before: dict[str, Row], rows: dict[str, Row], news: list[Row]) -> list[str]:
    """What the map must know: who is elsewhere, and who has no place any more."""
    moved, gone = [], [key for key, row in before.items() if row.place and key not in rows]
    for row in news:
        key = row.entity.head.entity_id
        old = before.get(key)
        if row.place is None:
            if old is not None and old.place is not None:
                gone.append(key)
        elif old is None or old.place != row.place:
            moved.append(row.place)
    events = [frames.geo("delta", moved)] if moved else []
    return events + ([frames.geo("remove", gone)] if gone else [])


def place(entity: Entity, placed: Fresh, state: State) -> list[frames.Cell] | None:
    """An entity on the map: id, name, longitude, latitude, heading, state, shape, altitude.

    The state is that of its place. Where that is worse than its own, its own follows, why, and
    when it was there, in milliseconds since 1970.
    """
    if entity.latitude is None or entity.longitude is None:
        return None
    altitude = entity.altitude
    cells: list[frames.Cell] = [
        entity.head.entity_id,
        entity.head.name,
        round(entity.longitude, 7),
        round(entity.latitude, 7),
        entity.heading,
        placed.state,
        entity.shape,
        None if altitude is None else round(altitude, 1),
    ]
    if placed.state != state:
        cells += [state, placed.reason, None if placed.seen_us is None else placed.seen_us // 1000]
    return cells


def table_body(rows: dict[str, Row]) -> str:
    return f'<tbody id="fleet-rows">{"".join(row.html for row in rows.values())}</tbody>'


def row_html(entity: Entity, state: State, age: float | None) -> str:
    """One row. The id is a token (checked when it was read), everything else is escaped."""
    head = entity.head
    heard = "" if entity.heard_us is None else f' data-heard="{entity.heard_us // 1000}"'
    mode = f"{entity.mode}{' · armed' if entity.armed else ''}" if entity.mode else wording.NOTHING
    return (
        f'<tr id="e-{head.entity_id}" data-state="{state}">'
        f'<td class="name"><a href="/entities/{head.entity_id}">{escape(head.name)}</a></td>'
        f'<td class="state">{wording.STATES[state]}</td>'
        f'<td class="battery">{battery(entity.battery)}</td>'
        f'<td class="altitude">{wording.whole(entity.altitude)}</td>'
        f'<td class="speed">{wording.tenth(entity.speed)}</td>'
        f'<td class="heading">{wording.bearing(entity.heading)}</td>'
        f'<td class="mode">{escape(mode)}</td>'
        f'<td class="age"{heard}>{wording.age(age)}</td></tr>'
    )


def battery(percent: float | None) -> str:
    if percent is None:
        return wording.NOTHING
    return (
        f'<meter class="battery-bar" min="0" max="100" low="20" high="50" optimum="100"'
        f' value="{percent:.0f}">{percent:.0f} %</meter><span>{percent:.0f}</span>'
    )
