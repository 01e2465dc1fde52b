"""Links by which vehicles are heard, written as MAVProxy and mavlink-router have them.

``14551`` and ``udp:host:port`` listen, ``udpout:host:port`` calls a peer; ``tcp:host:port``
connects to one, ``tcpin:host:port`` takes any number; ``serial:/dev/name:baud`` is a radio.
"""

import re
from typing import Literal, get_args

import msgspec

from flows.ontology.subjects import is_token

Scheme = Literal["udp", "udpout", "tcp", "tcpin", "serial"]
# What listens at a port of this machine, which nobody else may have then.
LISTENING: frozenset[Scheme] = frozenset(("udp", "tcpin"))
BAUD = 57_600  # What telemetry radios are delivered with.
SLOWEST, FASTEST = 300, 4_000_000
_ADDRESS = re.compile(r"(?:\[([0-9A-Za-z.:%]{2,64})\]|([0-9A-Za-z._-]{1,128})):([0-9]{1,5})")
_DEVICE = re.compile(r"/[!-~]{1,127}")
_SCHEMES: dict[str, Scheme] = {name: name for name in get_args(Scheme)} | {"udpin": "udp"}


class Link(msgspec.Struct, frozen=True):
    """A link. With an entity, whatever speaks there is that entity.

    ``place`` is a host, empty for that of the relay, or a device; ``number`` is the port,
    or the bauds of a device. ``entity`` is empty where vehicles are told by their system.
    """

    scheme: Scheme
    place: str
    number: int
    entity: str = ""

    @property
    def name(self) -> str:
        """What the link is called in figures and envelopes: as it was written, by and large."""
        if self.scheme == "serial":
            return f"serial:{self.place}"
        if not self.place:
            return f"{self.scheme}:{self.number}"
        return _written(self.scheme, self.place, self.number)

    def called(self, host: str) -> str:
        """How a peer writes it that speaks to a link which listens at this host."""
        return _written(self.scheme.removesuffix("in"), host, self.number)


def links(text: str) -> tuple[Link, ...]:
    """The links that a text lists, with commas between.

    Raises:
        ValueError: one of them is none, or two are the same.
    """
    found = tuple(_link(part.strip()) for part in text.split(",") if part.strip())
    if len({each.name for each in found}) < len(found):
        raise ValueError(text)
    return found


def _written(scheme: str, host: str, port: int) -> str:
    return f"{scheme}:[{host}]:{port}" if ":" in host else f"{scheme}:{host}:{port}"


def _link(text: str) -> Link:
    address, _, entity = text.partition("=")
    if entity and not is_token(entity):
        raise ValueError(text)
    scheme, _, rest = address.strip().partition(":")
    if not rest:
        return Link("udp", "", _whole(scheme, 1, 65_535), entity)
    if scheme not in _SCHEMES:
        raise ValueError(text)
    known = _SCHEMES[scheme]
    place, number = _device(rest) if known == "serial" else _address(rest)
    return Link(known, place, number, entity)


def _address(text: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return found[1] or found[2], _whole(found[3], 1, 65_535)


def _device(text: str) -> tuple[str, int]:
    path, _, baud = text.rpartition(":")
    if not baud.isdecimal():  # Paths of devices have colons of their own.
        path, baud = text, str(BAUD)
    if _DEVICE.fullmatch(path) is None:
        raise ValueError(text)
    return path, _whole(baud, SLOWEST, FASTEST)


def _whole(text: str, low: int, high: int) -> int:
    if not low <= int(text) <= high:
        raise ValueError(text)
    return int(text)
