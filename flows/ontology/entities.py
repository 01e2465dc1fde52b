"""The state of an entity: what was last known of it, from whom, and how long ago."""

from typing import Any, get_args

import msgspec

from flows.ontology.commanded import Commanded, Commands
from flows.ontology.entry import Entry, Registered, Unearthed
from flows.ontology.link import Link
from flows.ontology.rate import Liveness, Rate
from flows.ontology.registry import EntityType
from flows.ontology.signals import Value
from flows.ontology.telemetry import Report

RANK: dict[str, int] = {"live": 0, "stale": 1, "lost": 2}

# The types of entity that the registry knows.
ENTITY_TYPES = frozenset(get_args(EntityType))

Json = dict[str, Any]


# What other programs put into the bucket has this source, and this in place of a message.
PUT, PUT_MESSAGE = "put", "$KV"


class Part(msgspec.Struct, gc=False):
    """What one kind of message has said of a branch, and when last. Times are microseconds UTC.

    A signal is in the part of the message that set it last, and in no other. ``live_us``
    is since when it has been heard without a pause; ``liveness`` is its own, ``told`` what
    the last event said of it, and ``held`` whether it holds until something else is said.
    """

    message: str
    source: str
    seen_us: int = 0
    device_us: int | None = None
    sequence: int = 0
    live_us: int = 0
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    rate: Rate = msgspec.field(default_factory=Rate)
    liveness: Liveness = "live"
    told: Liveness = "live"
    held: bool = False


class Branch(msgspec.Struct, gc=False):
    """The signals of one branch: by message, and by leaf those that its message left out since."""

    parts: dict[str, Part] = msgspec.field(default_factory=dict)
    behind: dict[str, Part] = msgspec.field(default_factory=dict)

    @property
    def all(self) -> list[Part]:
        parts = [*self.parts.values()]
        if self.behind:
            parts += self.behind.values()
        return parts

    @property
    def values(self) -> dict[str, Value]:
        """The signals, whoever said them."""
        return {leaf: value for part in self.all for leaf, value in part.values.items()}


class PartText(msgspec.Struct, gc=False):
    """A status text of which more may come: from whom, since when, and what there is of it.

    ``expected`` is the number of the next part; ``severity`` is -1 where it was not said;
    ``flies`` tells whether the autopilot says it.
    """

    identity: int
    severity: int
    flies: bool
    component_id: int
    sequence: int
    at_us: int
    stored_us: int
    text: str = ""
    expected: int = 0
    complete: bool = True


class EntityState(msgspec.Struct, dict=True):
    """All that is known of an entity. Times are microseconds UTC.

    ``branches`` is what telemetry said, and of what others put into the entity's document
    the signals that telemetry does not know; ``foreign`` is the rest of that.
    ``sequences`` has the last sequence of each stream that went in, ``links`` the figures
    of each source by MAVLink component, ``skew_us`` how far the device's clock is ahead of
    the stream's, ``put_us`` when it had been heard as its document was last put, and
    ``texts`` the status text of each component that is not whole yet. ``entry`` is what is
    registered, which is right over what was heard; of a deleted entity ``buried_us`` is when.
    ``commands`` is what has become of its commands, and who has control.
    """

    entity_id: str = ""
    org_id: str = ""
    name: str = ""
    entity_type: str = "sensor_platform"
    system_id: int = 0
    source: str = ""
    recorded: bool = False
    first_us: int = 0
    heard_us: int = 0
    liveness: Liveness = "lost"
    since_us: int = 0
    reason: str = "never heard"
    branches: dict[str, Branch] = msgspec.field(default_factory=dict)
    foreign: Json = msgspec.field(default_factory=dict)
    sequences: dict[str, int] = msgspec.field(default_factory=dict)
    rate: Rate = msgspec.field(default_factory=Rate)
    live_us: int = 0
    links: dict[str, dict[int, Link]] = msgspec.field(default_factory=dict)
    skew_us: int | None = None
    put_us: int = 0
    texts: dict[int, PartText] = msgspec.field(default_factory=dict)
    entry: Entry | None = None
    buried_us: int = 0
    commands: Commands | None = None

    @property
    def known(self) -> bool:
        """Whether there is such an entity: heard, put, or registered."""
        return bool(self.first_us or self.entry)


class Reported(msgspec.Struct, tag=True, gc=False):
    """The entity has said something, in this order; it is never empty."""

    reports: list[Report]

    @property
    def entity_id(self) -> str:
        return self.reports[0].entity_id


class Silenced(msgspec.Struct, tag=True, frozen=True):
    """The entity has said nothing since ``heard_us``, and for too long; or its time may be over."""

    entity_id: str
    heard_us: int


class Documented(msgspec.Struct, tag=True, frozen=True):
    """Another program put a document for the entity into the bucket.

    ``values`` are the signals in it by their paths, ``document`` is the rest. ``copied``
    has, where it was made from a document of ours, the sequence of each branch in that.
    ``org_id`` is empty where the document does not say it; an entity that nobody knows is of
    the ``keeper``, the deployment's first organisation.
    """

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    document: Json
    sequence: int
    stored_us: int
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    copied: dict[str, int] = msgspec.field(default_factory=dict)
    keeper: str = ""


class Erased(msgspec.Struct, tag=True, frozen=True):
    """Another program deleted the entity's document from the bucket."""

    entity_id: str
    sequence: int
    stored_us: int


class Recalled(msgspec.Struct, tag=True, frozen=True):
    """The flow has begun and found our own document of the entity in the bucket."""

    entity_id: str
    document: bytes
    sequence: int
    heard_us: int
    period_us: int = 0
    expires_us: int = 0


Change = Reported | Silenced | Documented | Erased | Recalled | Registered | Unearthed | Commanded


class Registration(msgspec.Struct, frozen=True):
    """A row of the registry: who an entity is. Times are RFC 3339 text, and trees are JSON.

    ``revision`` is 0 where nothing is registered, and the rest is what is registered: None
    where it is not. ``sequences`` went into it; they are no column.
    """

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    status: str
    priority: str
    is_live: bool
    created_at: str
    updated_at: str
    first_seen: str
    last_seen: str
    sequence: int
    revision: int = 0
    expires_at: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    heading: float | None = None
    velocity: float | None = None
    components: str | None = None
    tags: str | None = None
    metadata: str | None = None
    video_config: str | None = None
    relationships: str | None = None
    sequences: dict[str, int] = {}


class LivenessEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entity, or one branch of one that lives, went from live to stale to lost, or came back.

    Of a branch it is the ``signals`` that ``message`` had said last.
    """

    event_type: str
    event_id: str
    entity_id: str
    org_id: str
    state: Liveness
    previous: Liveness
    reason: str
    timestamp: str
    branch: str = ""
    message: str = ""
    signals: list[str] = []


class StatusText(msgspec.Struct, frozen=True):
    """What an entity said in words; ``complete`` unless parts of it are missing."""

    event_type: str
    event_id: str
    entity_id: str
    org_id: str
    component_id: int
    severity: int | None
    severity_name: str
    text: str
    complete: bool
    timestamp: str
    recorded: bool
