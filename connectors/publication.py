"""What is said to a stream, whoever says it."""

from collections.abc import Mapping

import msgspec


class Publication(msgspec.Struct, frozen=True, gc=False):
    """What to say, and where. ``message_id`` is made from what it derives from, never a clock."""

    subject: str
    data: bytes
    message_id: str = ""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
