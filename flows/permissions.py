"""Who may say and hear what on the embedded NATS server: one row for each part.

A part of ours reads the streams that it needs through pull consumers, and publishes
where it is the writer. ``client`` is for the people, scripts and devices of this box:
it may tell what it knows and read everything, but neither change nor clear what is kept.

Nobody but ``admin`` may list or delete consumers. Consumers are named by chance, so
none can be read, changed or stopped by a part that did not make it.
"""

from connectors.nats_server import Permissions, reading
from flows.ontology import subjects
from flows.ontology.streams import BUCKET, STREAMS

ADMIN = "admin"
CLIENT = "client"
# Devices that speak MQTT: they sign nothing, and all have one password.
DEVICE = "device"
DEVICE_PUBLISHES = (f"{subjects.TELEMETRY}.>",)

_TELEMETRY = "CONSTELLATION_TELEMETRY"
_ENTITIES = "CONSTELLATION_ENTITIES"
_EVENTS = "CONSTELLATION_EVENTS"
_COMMANDS = "CONSTELLATION_COMMANDS"
_ORGANIZATIONS = "CONSTELLATION_ORGANIZATIONS"
_REJECTED = "CONSTELLATION_REJECTED"
_ALL = tuple(stream.name for stream in (*STREAMS, BUCKET))


def _inbox(part: str) -> str:
    return f"_INBOX_{part}.>"


def _reading(*streams: str) -> tuple[str, ...]:
    return tuple(subject for stream in streams for subject in reading(stream))


def _any_consumer(*streams: str) -> tuple[str, ...]:
    """Consumers as NATS clients of every age and language make them."""
    return tuple(
        f"$JS.API.CONSUMER.{form}"
        for stream in streams
        for form in (f"CREATE.{stream}", f"DURABLE.CREATE.{stream}.*")
    )


TABLE: dict[str, Permissions] = {
    ADMIN: Permissions(("$JS.API.>",), (_inbox(ADMIN),)),
    "relay": Permissions(
        (
            *_reading(_COMMANDS),
            f"{subjects.TELEMETRY}.>",
            # For the vehicles that it hears.
            subjects.command("*", "*", subjects.ACK),
            subjects.rejected("relay"),
            subjects.rejected("replay"),
        ),
        (_inbox("relay"),),
    ),
    "traffic": Permissions(
        (f"{subjects.TELEMETRY}.>", subjects.rejected("traffic"), subjects.rejected("replay")),
        (_inbox("traffic"),),
    ),
    "telemetry": Permissions(
        (
            *_reading(_TELEMETRY, _COMMANDS),
            f"{subjects.EVENTS}.loss.>",
            subjects.rejected("telemetry"),
        ),
        (_inbox("telemetry"),),
    ),
    "entities": Permissions(
        (
            *_reading(_TELEMETRY, _ENTITIES, _COMMANDS, BUCKET.name),
            f"{subjects.BUCKET_SUBJECT}.>",
            f"{subjects.ENTITIES}.>",
            f"{subjects.EVENTS}.liveness.>",
            f"{subjects.EVENTS}.statustext.>",
            f"{subjects.EVENTS}.loss.>",
            subjects.rejected("entities"),
        ),
        (_inbox("entities"),),
    ),
    "commands": Permissions(
        (
            *_reading(_COMMANDS, _ORGANIZATIONS, BUCKET.name),
            subjects.command("*", "*", subjects.DELIVER),
            subjects.command("*", "*", subjects.STATUS),
            f"{subjects.EVENTS}.loss.>",
            subjects.rejected("commands"),
        ),
        (_inbox("commands"),),
    ),
    "web": Permissions(
        (
            *_reading(BUCKET.name, _EVENTS, _ENTITIES, _TELEMETRY, _COMMANDS, _REJECTED),
            "$JS.API.INFO",
            "$JS.API.STREAM.INFO.*",
            f"{subjects.ENTITIES}.>",
            f"{subjects.ORGANIZATIONS}.>",
            # Of devices that do not speak NATS: always an organisation's, which their key has.
            subjects.telemetry("*", "*"),
            # It knows who asks and decides; what becomes of it is said by the flow.
            subjects.command("*", "*", subjects.REQUEST),
            subjects.command("*", "*", subjects.DECISION),
        ),
        (_inbox("web"),),
    ),
    CLIENT: Permissions(
        (
            *_reading(*_ALL),
            *_any_consumer(*_ALL),
            "$JS.API.INFO",
            "$JS.API.STREAM.NAMES",
            "$JS.API.STREAM.LIST",
            "$JS.ACK.>",
            "$JS.FC.>",
            f"{subjects.TELEMETRY}.>",
            f"{subjects.EVENTS}.>",
            f"{subjects.ENTITIES}.>",
            f"{subjects.BUCKET_SUBJECT}.>",
        ),
        # An ordinary client's inbox has no name in it.
        (_inbox(CLIENT), "_INBOX.>", "constellation.>", f"{subjects.BUCKET_SUBJECT}.>"),
    ),
}


def permissions(part: str) -> Permissions:
    """What a part may do. Raises KeyError where there is no such part."""
    return TABLE[part]
