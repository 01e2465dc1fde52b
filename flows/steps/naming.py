"""Whose a telemetry message is, and which: what body, headers and subject say of it together."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from flows.ontology import subjects
from flows.ontology.messages import NAMES
from flows.steps.mavlink import MESSAGE_NAMES, MESSAGES
from flows.steps.respell import ALIASES

MOST_LETTERS = 128
MOST_NAMED = 8 * MOST_LETTERS  # Of a subject, an entity and an organisation together.
# Every message names its entity and what it is, and there are few of either: each is read
# once. Keys are short, and only so many are kept, for anybody may think of new ones.
MOST_KNOWN = 16_384

# Folded names as edge programs spell them, to MAVLink's own. Some of those fold alike
# (SIMSTATE and SIM_STATE): which of them is meant must be the same in every process.
_SPELLED: dict[str, str] = {subjects.folded(name): name for name in sorted(NAMES)} | MESSAGE_NAMES
_FOLDED = frozenset(_SPELLED)
# What a message of MAVLink has at least one of, where it means something to us.
_FIELDS: dict[str, frozenset[str]] = {
    name: message.fields | ALIASES[name].keys() for name, message in MESSAGES.items()
}


class Whose(NamedTuple):
    """Entity, organisation and the name that the subject has for the message; or the trouble."""

    entity: str = ""
    organization: str = ""
    message: str = ""
    trouble: str = ""


@lru_cache(MOST_KNOWN)
def whose(subject: str, named: str, claimed: str, organization: str, said: str) -> Whose:
    """Whose a message is.

    Args:
        subject: where it was said.
        named: the entity that body or header name; empty if neither does.
        claimed: the organisation that they name.
        organization: whose it is where nothing else tells.
        said: what body or header call the message, where they do not name the entity.
    """
    known = claimed or organization
    address = subjects.telemetry_address(subject, _FOLDED, named, known, said)
    entity = named or address.entity
    if not subjects.is_token(entity):
        return Whose(trouble=f"no entity can be called {entity[:64]!r}")
    org = address.organization or organization
    if claimed and not address.organization and claimed == address.entity != entity:
        org = claimed  # The one token of the subject is the organisation's.
    if not subjects.is_token(org):
        return Whose(trouble=f"no organisation can be called {org[:64]!r}")
    if claimed and claimed != org:
        return Whose(trouble=f"said to {org}, but of {claimed[:64]!r}")
    return Whose(entity, org, address.message)


@lru_cache(MOST_KNOWN)
def canonical(name: str) -> str:
    """MAVLink's spelling of a message's name; of one that is not known, its own."""
    return name if name in NAMES else _SPELLED.get(subjects.folded(name), name)


def is_mavlink(name: str, data: Mapping[str, Any]) -> bool:
    """Whether what came under a name is a message of MAVLink that means something to us.

    It has a field of its then, or none at all.
    """
    fields = _FIELDS.get(name)
    return fields is not None and not (data and fields.isdisjoint(data))


def is_translated(name: str) -> bool:
    """Whether a message of this name means something to us."""
    return name in _FIELDS


def header(headers: Mapping[str, str] | None, name: str) -> str:
    """A header by its name in lower case with ``_``, however it is spelled: ``X-Entity-Id``."""
    if not headers:
        return ""
    exact = headers.get(name)
    if exact is not None:
        return exact
    for each, value in headers.items():
        if each.lower().replace("-", "_").removeprefix("x_") == name:
            return value
    return ""
