"""MAVLink's own definitions, and frames that pymavlink packs, for the tests of translation."""

import importlib.util
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from messages import NOON, SECOND, stored
from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink import Decoder
from flows.ontology.telemetry import Envelope, Report, moment
from flows.ontology.wire import Rejected
from flows.steps.translate import report


def _definitions() -> dict[str, dict[str, dict[str, str]]]:
    """Messages, their fields and those fields' attributes, as MAVLink defines them."""
    found = importlib.util.find_spec("pymavlink")
    folder = Path(found.origin).with_name("dialects") / "v20"
    return {
        message.get("name"): dict(_fields(message))
        for name in ("minimal", "standard", "common", "ardupilotmega")
        for message in ET.parse(folder / f"{name}.xml").iter("message")  # noqa: S314 - installed with us.
    }


def _fields(message: ET.Element) -> Any:
    extension = False
    for each in message:
        extension = extension or each.tag == "extensions"
        if each.tag == "field":
            yield each.get("name"), {**each.attrib, **({"extension": "yes"} if extension else {})}


DEFINED = _definitions()


def said(name: str, data: dict[str, Any], **more: Any) -> tuple[Report, Rejected | None]:
    """The report of an envelope, and what is refused of it."""
    envelope = Envelope("v1", "north", name, moment(NOON), data, **more)
    return report(envelope, stored({}), SECOND)


def values(name: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The signals of an envelope, without what a division adds to the last digit."""
    return rounded(said(name, data, **more)[0].values)


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {path: _rounded(value) for path, value in values.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 9) if isinstance(value, float) else value


def packed(name: str, /, **fields: Any) -> dialect.MAVLink_message:
    """A message of pymavlink's; fields that are not given are zero."""
    kind = getattr(dialect, f"MAVLink_{name.lower()}_message")
    lengths = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
    types = dict(zip(kind.fieldnames, kind.fieldtypes, strict=True))
    nothing = {
        field: b"" if types[field] == "char" else [0] * lengths[field] if lengths[field] else 0
        for field in kind.fieldnames
    }
    return kind(**nothing | fields)


def flown(name: str, /, **fields: Any) -> dict[str, Any]:
    """The fields of a message that pymavlink has packed, as the relay reads them."""
    frame = packed(name, **fields).pack(dialect.MAVLink(None))
    packet = Decoder().decode(frame, "test", "test", NOON)
    assert packet.name == name
    return packet.fields
