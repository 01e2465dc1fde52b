"""What the desk that commands go over is told, what it remembers, and what it tells.

Everything of an organisation's command is under its name among those of all (``command_ledger``).
"""

import msgspec

from flows.ontology import subjects
from flows.ontology.command_facts import Limits
from flows.ontology.command_goals import Goal
from flows.ontology.command_ledger import name
from flows.ontology.command_states import State
from flows.ontology.commands import Actor, Answer, Control, Decision, Delivery, Request, Status
from flows.ontology.wire import Rejected

# What transitions that nobody asks for are done by.
FLOW = Actor("commands", means="flow")


class Heard(msgspec.Struct, frozen=True):
    """The place in the stream of what was said there."""

    subject: str
    sequence: int
    stored_us: int


class Asked(msgspec.Struct, tag=True, frozen=True):
    """A command is wanted."""

    heard: Heard
    request: Request


class Decided(msgspec.Struct, tag=True, frozen=True):
    """Somebody has decided of a command, or of who controls an entity."""

    heard: Heard
    decision: Decision


class Answered(msgspec.Struct, tag=True, frozen=True):
    """The device, or its relay, has answered."""

    heard: Heard
    org_id: str
    entity_id: str
    answer: Answer


class Echo(msgspec.Struct, tag=True, frozen=True):
    """What the desk itself has said before it was begun anew."""

    heard: Heard
    told: Status | Control | Delivery


class Departed(msgspec.Struct, tag=True, frozen=True):
    """An organisation was deleted, with all that it had."""

    org_id: str
    stored_us: int


class Passed(msgspec.Struct, tag=True, frozen=True):
    """The stream was read up to a sequence, where the desk's own word stands, or none for it."""

    sequence: int


class Seen(msgspec.Struct, tag=True, frozen=True):
    """Of an entity with commands something new is known."""

    entity_id: str


Item = Asked | Decided | Answered
Told = Item | Echo | Departed | Passed | Seen | Rejected


class Rules(msgspec.Struct, frozen=True):
    """By what the desk judges, and where it began.

    Up to the sequence ``began`` it is told what it has said already, and says nothing. What is
    refused of ``settled`` and before was refused then.
    """

    limits: Limits
    two_person: bool = True
    began: int = 0
    settled: int = 0


class Order(msgspec.Struct):
    """A command that has not ended. Its parameters are those of its request.

    ``due_us`` is when something is to be done about it if nothing is heard, 0 for never.
    ``delivered``: the device may have it. ``told_us`` is when progress was told last. Of one to
    several, ``children`` has the state of each by its entity.
    """

    request: Request
    status: Status
    digest: str = ""
    due_us: int = 0
    delivered: bool = False
    goal: Goal | None = None
    told_us: int = 0
    children: dict[str, State] = {}
    changed: bool = False
    taken_back: bool = False

    @property
    def name(self) -> str:
        return name(self.status.org_id, self.status.command_id)

    @property
    def state(self) -> State:
        return self.status.state

    @property
    def is_broadcast(self) -> bool:
        return self.status.entity_id == subjects.BROADCAST

    @property
    def is_flying(self) -> bool:
        """Whether it was sent, and not accepted yet: others wait for that."""
        return self.state in ("sent", "received")


class Ended(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a command that has ended."""

    digest: str
    entity_id: str
    state: State


class Desk(msgspec.Struct):
    """Everything that has not ended, in the order in which it was asked for.

    ``of`` has the names of an entity's. ``due`` is a heap of times and names, some of which
    are due no more. ``waits`` is what was asked and decided before it began and has not been
    looked at again.
    """

    sequence: int = 0
    orders: dict[str, Order] = {}
    of: dict[str, list[str]] = {}
    ended: dict[str, dict[str, Ended]] = {}
    open: dict[str, int] = {}
    controls: dict[str, Control] = {}
    due: list[tuple[int, str]] = []
    waits: list[Item] = []
    departed: dict[str, int] = {}
    recalls: bool = False


class Transition(msgspec.Struct, frozen=True):
    """A command is in another state, or further in the same; with its parameters.

    ``recalled``: it was published before.
    """

    status: Status
    recalled: bool = False


class Controlled(msgspec.Struct, frozen=True):
    """Who controls an entity has changed, or until when."""

    control: Control
    recalled: bool = False


class Unsaid(msgspec.Struct, frozen=True):
    """Of a command, or of who controls an entity, nothing was told after this number.

    The ledger is written at once, and may have what was on its way when the desk was stopped.
    """

    org_id: str
    number: int
    command_id: str = ""
    entity_id: str = ""


class Parts(msgspec.Struct, frozen=True):
    """Of a command to several no other parts were told of than those of these entities."""

    org_id: str
    command_id: str
    entities: list[str]


class Cleared(msgspec.Struct, frozen=True):
    """Nothing is to be kept of an organisation."""

    org_id: str


class Settled(msgspec.Struct, frozen=True):
    """All that follows from the messages up to this sequence has been told."""

    sequence: int


Outcome = Transition | Controlled | Delivery | Unsaid | Parts | Cleared | Rejected | Settled
