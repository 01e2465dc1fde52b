"""Where a mission is as a view: its uploads, how far each vehicle is with it, and where that is."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import htpy as h
import msgspec
from markupsafe import Markup

from flows.ontology.command_states import State, ended
from web import frames, status
from web import mission_words as words
from web.command_board import Board
from web.desk import stamp
from web.fleet import place
from web.mission_bodies import MissionOnEntity
from web.mission_progress import followed
from web.picture import Picture

# That many are followed on a page, the newest.
MOST_SHOWN = 50
# Seconds, at least, until what is on record is asked for again.
READ_EVERY = 1.0

Reads = Callable[[], list[MissionOnEntity]]


class MissionView:
    """``reads`` gives what is on record of the uploads of a mission, as ``known`` was before.

    The board knows of a command's state before the ledger does. What a vehicle holds says the
    ledger alone.
    """

    def __init__(
        self,
        picture: Picture,
        board: Board,
        organization: str,
        known: list[MissionOnEntity],
        reads: Reads,
    ) -> None:
        self._picture = picture
        self._board = board
        self._organization = organization
        self._reads = reads
        self._uploads = known
        self._read_at = picture.clock.monotonic()
        self._sent = self._look()
        self._sent_top = self._top()
        self._sent_places = self._places()

    def snapshot(self) -> str:
        return (
            frames.patch(self._top())
            + frames.patch(self.html())
            + frames.geo("snapshot", self._places().values())
        )

    def delta(self, changed: AbstractSet[str]) -> str:  # noqa: ARG002  (silence changes it too)
        """What has changed since the last call."""
        now = self._picture.clock.monotonic()
        if now - self._read_at >= READ_EVERY:
            self._uploads, self._read_at = self._reads(), now
        events = []
        look, top, places = self._look(), self._top(), self._places()
        if look != self._sent:
            self._sent = look
            events.append(frames.patch(self.html()))
        if top != self._sent_top:
            self._sent_top = top
            events.append(frames.patch(top))
        moved = [row for key, row in places.items() if row != self._sent_places.get(key)]
        gone = [key for key in self._sent_places if key not in places]
        self._sent_places = places
        events += [frames.geo("delta", moved)] if moved else []
        events += [frames.geo("remove", gone)] if gone else []
        return "".join(events)

    def html(self) -> Markup:
        """The uploads as they are now."""
        found = self._look()
        content: h.Node = h.p[_NOWHERE]
        if found:
            content = h.ul(".uploads")[(self._upload(each) for each in found)]
        return Markup(h.div("#mission-uploads")[content])  # noqa: S704  (htpy escapes)

    def _look(self) -> list[MissionOnEntity]:
        return [self._now(each) for each in self._uploads]

    def _now(self, upload: MissionOnEntity) -> MissionOnEntity:
        told = self._board.command(self._organization, upload.command_id)
        if told is not None and not (upload.state and ended(upload.state)):
            upload = msgspec.structs.replace(
                upload,
                state=told.state,
                reason=told.reason,
                progress=None if ended(told.state) else told.progress,
            )
        return followed(upload, self._picture, self._organization)

    def _upload(self, upload: MissionOnEntity) -> h.Element:
        entity = self._picture.entity(self._organization, upload.entity_id)
        name = entity.head.name if entity else upload.entity_id
        return h.li(
            {"data-entity": upload.entity_id, "data-list": upload.mission_type},
            data_state=_colour(upload.state),
        )[
            h.a(".who", href=f"/entities/{upload.entity_id}")[h.bdi[name]]
            if entity
            else h.bdi(".who")[name],
            h.span(".what")[f"{words.LISTS[upload.mission_type]}, version {upload.version}"],
            h.b(".step")[_word(upload)],
            h.p(".reason")[upload.reason] if upload.reason else None,
            _sent(upload),
            _progress(upload),
            h.p(".below")[f"{stamp(upload.uploaded_at)} UTC"],
        ]

    def _places(self) -> dict[str, list[frames.Cell]]:
        """Where the vehicles are that it was sent to."""
        found = {}
        for name in dict.fromkeys(each.entity_id for each in self._uploads):
            entity = self._picture.entity(self._organization, name)
            if entity is None:
                continue
            state = self._picture.judged(entity).state
            if row := place(entity, self._picture.placed(entity), state):
                found[name] = row
        return found

    def _top(self) -> Markup:
        counts = status.counts(status.states(self._picture, self._organization))
        return counts + status.connection(self._picture) + status.banner(self._picture)


_NOWHERE = "It has been sent to no vehicle yet."
_COLOURS: Sequence[tuple[frozenset[State], str]] = (
    (frozenset(("completed",)), "good"),
    (frozenset(("failed", "rejected", "timed_out", "expired")), "lost"),
    (frozenset(("cancelled", "superseded")), "stale"),
)


def _colour(state: State | None) -> str:
    return next((colour for states, colour in _COLOURS if state in states), "live")


def _word(upload: MissionOnEntity) -> str:
    if upload.state is None:
        return "not on record"
    if upload.state == "completed":
        return "on board" if upload.held else "replaced since"
    return upload.state.replace("_", " ")


def _sent(upload: MissionOnEntity) -> h.Node:
    """How much of the list the vehicle has, while it is sent."""
    if upload.progress is None:
        return None
    return h.div(".sent")[
        h.progress(max="100", value=f"{upload.progress:g}", aria_label="Sent"),
        h.span[f"{upload.progress:.0f} %"],
    ]


def _progress(upload: MissionOnEntity) -> h.Node:
    """How far the vehicle is by its own word. What is not live is told as what it was."""
    if upload.current_item is None and not upload.mission_state:
        return None
    said = [upload.mission_state] if upload.mission_state else []
    if upload.current_item is not None:
        said.append(f"at item {upload.current_item}")
    if upload.reached_item is not None:
        said.append(f"item {upload.reached_item} reached")
    said.append(f"{upload.item_count} in all")
    done = 0 if upload.reached_item is None else upload.reached_item + 1
    return h.div(".going", data_old=not upload.is_live)[
        h.progress(max=str(upload.item_count), value=str(min(done, upload.item_count)))
        if upload.item_count
        else None,
        h.span[", ".join(said) if upload.is_live else f"when last heard: {', '.join(said)}"],
        h.span(".current", {"data-current": str(upload.current_item)}, hidden=True)
        if upload.is_live and upload.current_item is not None
        else None,
    ]
