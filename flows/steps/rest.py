"""Messages of MAVLink as mavlink2rest writes them: a header, and a message with its type in it.

Numbers that have names are written ``{"type": "MAV_TYPE_QUADROTOR"}``, masks ``{"bits": 81}``,
and texts as lists of letters.
"""

from typing import Any

# A field of a message cannot be called as its type is.
_CALLED = {"mavtype": "type"}
_IDS = ("system_id", "component_id", "sequence")


def unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """Such an object as an envelope like others; any other as it is."""
    header, message = body.get("header"), body.get("message")
    if not isinstance(header, dict) or not isinstance(message, dict):
        return body
    name = message.get("type")
    if not isinstance(name, str) or type(header.get("system_id")) is not int:
        return body
    others = {each: value for each, value in body.items() if each not in ("header", "message")}
    return {
        **others,
        **{each: header[each] for each in _IDS if each in header},
        "message_type": name,
        "data": {
            _CALLED.get(field, field): _plain(value)
            for field, value in message.items()
            if field != "type"
        },
    }


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return value.get("type", value.get("bits", value))
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "".join(value).partition("\0")[0]
    return value
