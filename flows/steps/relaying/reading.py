"""Reading a list of mission items from a vehicle, which says only what it is asked for."""

from flows.ontology.missions import MOST_ITEMS
from flows.ontology.radio import Word
from flows.ontology.telemetry import Envelope
from flows.ontology.transfers import Reading
from flows.steps.relaying import mission_items
from flows.steps.relaying.mission_results import (
    ACCEPTED,
    CANCELLED,
    INVALID_SEQUENCE,
    NO_SPACE,
    refusal,
)
from flows.steps.relaying.talk import NO_ANSWER, TRIES, TRY_US, whole

# From one time that an item is asked for to the next: soon, since radios lose much, and ever
# later, since some are slow.
ITEM_US = (250_000, 500_000, 1_000_000, TRY_US, TRY_US, TRY_US)
# From this time on in the words of vehicles of long ago.
LEGACY_TRIES = 3
ITEMS = ("MISSION_ITEM_INT", "MISSION_ITEM")


def tick(reading: Reading) -> tuple[list[Word], int]:
    """Ask for the next, or give up; what is said, and microseconds until that is done again."""
    if reading.tries >= TRIES:
        reading.failed = NO_ANSWER if reading.count < 0 else _stopped(reading)
        return [], 0
    wait = TRY_US if reading.count < 0 else ITEM_US[reading.tries]
    reading.tries += 1
    if reading.count < 0:
        return [Word("MISSION_REQUEST_LIST", {"mission_type": reading.mission_type})], wait
    name = "MISSION_REQUEST_INT" if reading.tries <= LEGACY_TRIES else "MISSION_REQUEST"
    asked = {"seq": len(reading.items), "mission_type": reading.mission_type}
    return [Word(name, asked)], wait


def hear(reading: Reading, said: Envelope) -> tuple[list[Word], bool]:
    """Take what is said to us of this list; what to say, and whether that was new."""
    if said.message_type == "MISSION_COUNT" and reading.count < 0:
        return _counted(reading, whole(said, "count"))
    if said.message_type in ITEMS and reading.count >= 0:
        item = mission_items.read(said)
        if item is None or whole(said, "seq") != len(reading.items):
            return [], False
        reading.items.append(item)
        reading.tries = 0
        reading.coarse = reading.coarse or said.message_type == "MISSION_ITEM"
        return _ready(reading), True
    if said.message_type == "MISSION_ACK":
        number = whole(said, "type")
        # Others answer to what was said before.
        if number is not None and number not in (ACCEPTED, INVALID_SEQUENCE):
            reading.failed = refusal(number)
            return [], True
    return [], False


def give_up(reading: Reading) -> Word:
    """Tell the vehicle that nothing more will be asked for."""
    return acknowledgment(reading.mission_type, CANCELLED)


def acknowledgment(mission_type: int, number: int) -> Word:
    return Word("MISSION_ACK", {"type": number, "mission_type": mission_type})


def _counted(reading: Reading, count: int | None) -> tuple[list[Word], bool]:
    if count is None or count < 0:
        return [], False
    if count > MOST_ITEMS + 1:
        reading.failed = f"it has {count} items, and at most {MOST_ITEMS} are read"
        return [acknowledgment(reading.mission_type, NO_SPACE)], True
    reading.count, reading.tries = count, 0
    return _ready(reading), True


def _ready(reading: Reading) -> list[Word]:
    if len(reading.items) < reading.count:
        return []
    reading.done = True
    return [acknowledgment(reading.mission_type, ACCEPTED)]


def _stopped(reading: Reading) -> str:
    return f"the vehicle has said {len(reading.items)} of its {reading.count} items, and no more"
