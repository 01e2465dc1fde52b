"""What steps take from a wire and what they refuse, without knowing which wire."""

import base64
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

# As much of a refused message as is kept: enough to see what it was.
KEPT_BYTES = 4096


class Message(Protocol):
    """A stored message and its place in its stream. Times are microseconds UTC."""

    @property
    def stream(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def sequence(self) -> int: ...
    @property
    def stored_us(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str] | None: ...


class Packet(Protocol):
    """A MAVLink frame that checked out, or one whose message id no dialect knows."""

    @property
    def link(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def heard_us(self) -> int: ...
    @property
    def system_id(self) -> int: ...
    @property
    def component_id(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def message_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def fields(self) -> dict[str, Any]: ...


class Noise(Protocol):
    """Bytes of a link that are no MAVLink, or a frame that is not let in for a reason."""

    @property
    def link(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def heard_us(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def data(self) -> bytes: ...
    @property
    def reason(self) -> str: ...


class Rejected(msgspec.Struct, frozen=True):
    """What could not be used: by which step, why, and where it can be read again."""

    step: str
    reason: str
    subject: str
    stream: str
    sequence: int
    stored_us: int
    data: bytes = b""

    @property
    def identity(self) -> str:
        """The same refusal has the same identity however often it is made."""
        return f"{self.stream}:{self.sequence}:{self.step}:{self.reason}"[:256]


def refuse(step: str, reason: str, message: Message) -> Rejected:
    """A refusal of a whole message, with the beginning of its data."""
    return Rejected(
        step,
        reason[:512],
        message.subject,
        message.stream,
        message.sequence,
        message.stored_us,
        message.data[:KEPT_BYTES],
    )


def rejection_json(rejected: Rejected) -> bytes:
    """The refusal as it is published: data in base64, since it may be any bytes."""
    return msgspec.json.encode(
        {
            **{name: getattr(rejected, name) for name in rejected.__struct_fields__},
            "data": base64.b64encode(rejected.data).decode(),
        }
    )
