"""Our own MAVLink: messages by name and fields, as frames with our numbers and signature."""

import math
import struct
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_frame import V1
from connectors.mavlink_signing import Signing, stamp

# Of listeners beyond this many the numbers begin anew, the longest spared first.
MOST_LISTENERS = 1024
_FLOATS = frozenset(("float", "double"))


class Unspeakable(ValueError):
    """There is no such message, or its fields do not fit."""


class _CommandCancel(dialect.MAVLink_message):  # type: ignore[misc]
    """COMMAND_CANCEL, which the dialects do not have yet."""

    id = 80
    msgname = "COMMAND_CANCEL"
    fieldnames = ("target_system", "target_component", "command")
    fieldtypes = ("uint8_t", "uint8_t", "uint16_t")
    crc_extra = 14
    unpacker = struct.Struct("<HBB")

    def __init__(self, target_system: int, target_component: int, command: int) -> None:
        super().__init__(self.id, self.msgname)
        self._values = command, target_system, target_component

    def pack(self, mav: dialect.MAVLink, force_mavlink1: bool = False) -> bytes:  # noqa: FBT001, FBT002
        payload = self.unpacker.pack(*self._values)
        packed: bytes = self._pack(mav, self.crc_extra, payload, force_mavlink1=force_mavlink1)
        return packed


_KINDS: dict[str, Any] = {
    **{kind.msgname: kind for kind in dialect.mavlink_map.values()},
    _CommandCancel.msgname: _CommandCancel,
}


class Voice:
    """Says messages as one component of one system, to any number of listeners.

    Args:
        system: whose number ours are.
        component: likewise.
        signing: signs whatever is said, if there is a key.
        clock: microseconds UTC, of the signatures.
    """

    def __init__(
        self, system: int, component: int, signing: Signing | None, clock: Callable[[], int]
    ) -> None:
        self._clock = clock
        self._mavlink = dialect.MAVLink(None, system, component)
        self._numbers: OrderedDict[Hashable, int] = OrderedDict()
        self._signs = signing is not None
        if signing:
            self._mavlink.signing.secret_key = signing.key
            self._mavlink.signing.sign_outgoing = True

    def frame(
        self, listener: Hashable, to: tuple[int, int], version: int, name: str,
        fields: Mapping[str, Any],
    ) -> bytes:  # fmt: skip
        """The next frame for a listener, of MAVLink 1 where it speaks that, unless it is signed.

        Args:
            listener: who has sequence numbers of their own.
            to: system and component that it is for, where the message says that.
            version: the magic byte of the protocol.
            name: MAVLink's name of the message.
            fields: MAVLink's, None for not-a-number.

        Raises:
            Unspeakable: there is no such message, or its fields do not fit.
        """
        number = self._numbers.pop(listener, 0)
        self._numbers[listener] = (number + 1) % 256
        if len(self._numbers) > MOST_LISTENERS:
            self._numbers.popitem(last=False)
        self._mavlink.seq = number
        signing = self._mavlink.signing
        signing.timestamp = max(signing.timestamp, stamp(self._clock()))
        first = version == V1 and not self._signs
        if first and fields.get("mission_type"):
            raise Unspeakable(f"{name} of a fence or of rally points has no words in MAVLink 1")
        try:
            packed = _message(name, to, fields).pack(self._mavlink, force_mavlink1=first)
        except (struct.error, TypeError, OverflowError, AttributeError, UnicodeError) as error:
            raise Unspeakable(f"{name} cannot be said: {error}") from error
        return bytes(packed)


def _message(name: str, to: tuple[int, int], fields: Mapping[str, Any]) -> Any:
    kind = _KINDS.get(name)
    if kind is None:
        raise Unspeakable(f"{name} is no message of MAVLink")
    addressed = {
        field: value
        for field, value in zip(("target_system", "target_component"), to, strict=True)
        if field in kind.fieldnames
    }
    types = dict(zip(kind.fieldnames, kind.fieldtypes, strict=True))
    plain = {field: _plain(value, types.get(field)) for field, value in fields.items()}
    return kind(**(addressed | plain))


def _plain(value: Any, kind: str | None) -> Any:
    if value is None and kind in _FLOATS:
        return math.nan
    return value.encode("ascii") if isinstance(value, str) else value
