"""The subject grammar: where on NATS a thing is said.

Output has one form, the functions below. Input is liberal: edge programs put
organisation, entity and message name into a telemetry subject in six ways, and
``telemetry_address`` reads them all.
"""

import re

import msgspec

TELEMETRY = "constellation.telemetry"
ENTITIES = "constellation.entities"
EVENTS = "constellation.events"
ORGANIZATIONS = "constellation.organizations"
COMMANDS = "constellation.commands"
VIDEO = "constellation.video"
REJECTED = "constellation.rejected"

# In place of an entity: all of the organisation.
BROADCAST = "broadcast"
# After the entity: what people ask for and decide by way of the web, which knows who they are;
# what the flow sends to the device; what the device answers; what has become of the command.
REQUEST, DECISION, DELIVER, ACK, STATUS = "request", "decision", "deliver", "ack", "status"
COMMAND_PARTS = (REQUEST, DECISION, DELIVER, ACK, STATUS)

BUCKET = "CONSTELLATION_GLOBAL_STATE"
BUCKET_STREAM = f"KV_{BUCKET}"
BUCKET_SUBJECT = f"$KV.{BUCKET}"

# One subject token as we write it: no separators, wildcards, spaces or control
# characters, and short enough to be a KV key.
_TOKEN = re.compile(r"[A-Za-z0-9_=-]{1,128}")


class Address(msgspec.Struct, frozen=True, gc=False):
    """What a subject says: each part may be missing, none is believed over the registry."""

    entity: str = ""
    organization: str = ""
    message: str = ""


def is_token(text: str) -> bool:
    """Whether ``text`` may stand as one token of a subject, and as a KV key."""
    return _TOKEN.fullmatch(text) is not None


def telemetry(organization: str, entity: str) -> str:
    return f"{TELEMETRY}.{organization}.{entity}"


def entity_change(organization: str, change: str) -> str:
    return f"{ENTITIES}.{organization}.{change}"


def event(kind: str, organization: str, entity: str) -> str:
    return f"{EVENTS}.{kind}.{organization}.{entity}"


def command(organization: str, entity: str, part: str = "") -> str:
    """Where a command for an entity is spoken of.

    ``part`` is one of ``COMMAND_PARTS``, or nothing where a client of NATS asks for one.
    """
    return f"{COMMANDS}.{organization}.{entity}{part and '.'}{part}"


def rejected(flow: str) -> str:
    return f"{REJECTED}.{flow}"


def state(entity: str) -> str:
    """The subject that is the KV key of an entity's state."""
    return f"{BUCKET_SUBJECT}.{entity}"


def folded(message: str) -> str:
    """A message name without case and underscores: ``VFR_HUD`` is ``vfrhud``."""
    return message.replace("_", "").lower()


def telemetry_address(
    subject: str,
    messages: frozenset[str],
    named: str = "",
    organization: str = "",
    said: str = "",
) -> Address:
    """Read a telemetry subject.

    Args:
        subject: the whole subject, ``constellation.telemetry.`` included.
        messages: folded names of the messages that are known.
        named: the entity, where body or header have named it.
        organization: one that is known: where it comes first, an entity follows.
        said: the message, where body or header have named it.

    Returns:
        By the number of tokens after the prefix: one is an entity; two are
        ``entity.message`` when the second names a known message or that which was said, or
        the first the named entity, and else ``organization.entity``; three are
        ``organization.entity.message`` likewise and else ``category.organization.entity``.
        An empty address for any other shape.
    """

    def is_message(entity: str, message: str) -> bool:
        if named in (entity, message):
            return message != named
        return folded(message) in messages or (said != "" and folded(message) == folded(said))

    # No entity, unless body or header say that it is called as its organisation is.
    other = "" if organization == named else organization
    if not subject.startswith(TELEMETRY + "."):
        return Address()
    match subject[len(TELEMETRY) + 1 :].split("."):
        case [entity]:
            return Address(entity)
        case [entity, message] if is_message(entity, message) and entity != other:
            return Address(entity, "", message)
        case [organization, entity]:
            return Address(entity, organization)
        case [organization, entity, message] if is_message(entity, message):
            return Address(entity, organization, message)
        case [_, organization, entity]:
            return Address(entity, organization)
        case _:
            return Address()
