"""What is said to vehicles over MAVLink, by its names and in its own units."""

from typing import Any

import msgspec

from flows.ontology.commands import Answer


class Station(msgspec.Struct, frozen=True):
    """Whom we are on the air; as one that ``beats``, a ground station that vehicles hear."""

    system_id: int = 255
    component_id: int = 190  # MAV_COMP_ID_MISSIONPLANNER
    beats: bool = True


class Word(msgspec.Struct, frozen=True):
    """A message for a component of a vehicle, 0 for its autopilot.

    ``fields`` are MAVLink's, None for not-a-number. One that is ``guarded`` is put on record.
    """

    name: str
    fields: dict[str, Any]
    component_id: int = 0
    guarded: bool = False


class Speech(msgspec.Struct, frozen=True):
    """A message that goes out on a link, to a component of a system that was heard there.

    ``sending_id`` is put on record, if it has one. One that goes out ``once`` is on record before
    its first byte is sent, and is not sent if it was there already.
    """

    link: str
    system_id: int
    component_id: int
    name: str
    fields: dict[str, Any]
    sending_id: str = ""
    once: bool = False


class Reply(msgspec.Struct, frozen=True):
    """What is answered for a vehicle. ``stage`` is the same however often it is answered."""

    org_id: str
    entity_id: str
    answer: Answer
    stage: str

    @property
    def identity(self) -> str:
        return f"{self.entity_id}:{self.answer.command_id}:ack:{self.stage}"
