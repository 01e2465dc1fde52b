"""MAVLink translated: which field of which message sets which signal, in which unit.

``MESSAGES`` is the table; its rows stand by theme in the files beside this one. Each divides
a raw field into the signal's unit, unless the field has the value that MAVLink (common.xml)
gives to "unknown"; what one field cannot say alone, a function makes of several. Fields that
no row takes, and messages that are not in the table, are kept raw.
"""

from flows.ontology.subjects import folded
from flows.steps.mavlink import (
    cameras,
    control,
    environment,
    gimbals,
    high_latency,
    mission,
    motion,
    position,
    power,
    status,
    traffic,
)
from flows.steps.mavlink.message import Message

MESSAGES: dict[str, Message] = {
    **status.MESSAGES,
    **position.MESSAGES,
    **motion.MESSAGES,
    **power.MESSAGES,
    **mission.MESSAGES,
    **control.MESSAGES,
    **environment.MESSAGES,
    **gimbals.MESSAGES,
    **cameras.MESSAGES,
    **traffic.MESSAGES,
    **high_latency.MESSAGES,
}

# Folded names as edge programs spell them, to MAVLink's own.
MESSAGE_NAMES: dict[str, str] = {folded(name): name for name in MESSAGES} | {
    "systemstatus": "SYS_STATUS",
    "missionitemreached": "MISSION_ITEM_REACHED",
}
