"""Identities that are made and not given: the same thing has the same one wherever it is heard."""

from functools import lru_cache
from typing import Literal
from uuid import UUID, uuid5

# The root of all names that are made here; changing it gives every vehicle a new identity.
ROOT = UUID("6f1d5a0e-6f35-5c1b-9c39-6a4ed7c1b0c4")
# Anybody may transmit any number: only so many of those heard last are kept.
MOST_KNOWN = 16_384

Transponder = Literal["icao", "mmsi"]
_FORMS: dict[Transponder, str] = {"icao": "06x", "mmsi": "09d"}


@lru_cache
def within(organization: str, recording: str = "") -> UUID:
    """What the identities of an organisation are made in.

    A recording never speaks for what moves under the same number today.
    """
    return uuid5(uuid5(ROOT, organization), recording)


def part_of(organization: str, command_id: str, entity_id: str) -> str:
    """The command that is one entity's part of a command to several."""
    return str(uuid5(within(organization, "commands"), f"{command_id}:{entity_id}"))


def transponder_number(kind: Transponder, number: int) -> str:
    """A transponder's number as people write it: six hexadecimal digits, nine decimal ones."""
    return format(number, _FORMS[kind])


@lru_cache(MOST_KNOWN)
def transponder_entity(
    organization: str, kind: Transponder, number: int, recording: str = ""
) -> str:
    """The entity that transmits a number, whoever has received it.

    Args:
        organization: whose receivers heard it.
        kind: ``icao`` for the 24 bits of an aircraft, ``mmsi`` for a ship's.
        number: the address or MMSI.
        recording: of what recording it is; empty for what is heard now.
    """
    return str(uuid5(within(organization, recording), f"{kind}:{transponder_number(kind, number)}"))
