"""What the state of an entity shows of its commands, and who controls it."""

from datetime import datetime

import msgspec

from flows.ontology.command_states import State
from flows.ontology.commands import Actor, Control, Priority, Status

MOST_ACTIVE = 8
MOST_REASON = 256


class Shown(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A command as a state shows it. ``progress`` is in percent, if known."""

    command_id: str
    command: str
    state: State
    at: datetime
    priority: Priority = "normal"
    progress: float | None = None
    reason: str = ""
    parent_id: str = ""


class Held(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Who has taken control, when, and until when, unless a command of theirs renews it."""

    by: Actor
    at: datetime
    until: datetime | None = None


class Commands(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest commands that have not ended, the one that ended last, and who has control."""

    active: list[Shown] = []
    last: Shown | None = None
    control: Held | None = None


class Commanded(msgspec.Struct, tag=True, frozen=True):
    """A command of the entity is in another state, or somebody else controls it."""

    entity_id: str
    org_id: str
    told: "Status | Control"
    sequence: int
    stored_us: int
