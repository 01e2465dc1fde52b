"""Receivers of AIS and ADS-B: where they are heard, and in which form, read out of a setting."""

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Literal

import msgspec

# What is listened to, what is connected to, and what is let connect to us.
Transport = Literal["udp", "tcp", "tcpin"]
Form = Literal["", "nmea", "sbs", "beast", "avr"]

LOOPBACK = "127.0.0.1"
_TRANSPORTS: dict[str, Transport] = {"udp": "udp", "tcp": "tcp", "tcpin": "tcpin"}
_FORMS: dict[str, Form] = {"sbs": "sbs", "beast": "beast", "avr": "avr"}
_RECEIVER = re.compile(
    r"(?:(?P<form>sbs|beast|avr):)?(?P<transport>udp|tcp|tcpin):"
    r"(?:(?P<host>[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\]):)?(?P<port>[0-9]{1,5})",
    re.ASCII,
)


class Receiver(msgspec.Struct, frozen=True):
    """A receiver. ``form`` is what it speaks; empty where that is to be found out."""

    transport: Transport
    host: str
    port: int
    form: Form = ""

    @property
    def name(self) -> str:
        """What its messages say they came by."""
        return f"{self.transport}:{_bracketed(self.host)}:{self.port}"

    @property
    def listens(self) -> bool:
        """Whether the port is one of ours."""
        return self.transport != "tcp"


def receivers(*, forms: bool) -> Callable[[str], tuple[Receiver, ...]]:
    """A reader of receivers, with commas between them.

    Args:
        forms: whether a form may stand before a receiver; else all speak NMEA.
    """

    def read(text: str) -> tuple[Receiver, ...]:
        items = filter(None, (part.strip() for part in text.split(",")))
        found = tuple(_receiver(item, forms=forms) for item in items)
        if len({each.name for each in found}) < len(found):
            raise ValueError(text)
        return found

    return read


def place(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, with a comma between; None if nothing is said."""
    if not text:
        return None
    latitude, longitude = (float(part) for part in text.split(","))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(text)
    return latitude, longitude


def _receiver(item: str, *, forms: bool) -> Receiver:
    parts = _RECEIVER.fullmatch(item)
    if parts is None or (parts["form"] and not forms):
        raise ValueError(item)
    host, port = parts["host"] or LOOPBACK, int(parts["port"])
    if host.startswith("["):
        host = str(IPv6Address(host[1:-1]))
    if not 1 <= port <= 65535:
        raise ValueError(item)
    form: Form = "nmea"
    if forms:
        form = _FORMS[parts["form"]] if parts["form"] else ""
    return Receiver(_TRANSPORTS[parts["transport"]], host, port, form)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
