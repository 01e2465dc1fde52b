"""The protocols that talk with vehicles, and which one begins each kind of command.

Another protocol is a state in ``flows.ontology.relayed`` or ``transfers``, and a row in each
table here.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flows.ontology.commands import Answer, Delivery
from flows.ontology.radio import Station, Word
from flows.ontology.relayed import Commanding, Talk, Vehicle
from flows.ontology.telemetry import Envelope
from flows.ontology.transfers import Asking, Clearing, Downloading, Listing, Uploading
from flows.steps.relaying import command, download, parameter, parameter_list, upload

Said = Word | Answer


class Protocol(NamedTuple):
    """Three functions on a protocol's state, which they change: what they give is said.

    ``hear`` takes a message of the vehicle, whether it belongs to the talk or not; ``tick`` is
    called when ``due_us`` has come; ``cancel`` takes the command back. One that has ``ended``
    has given its last answer, which is neither ``received`` nor ``progress``.
    """

    hear: Callable[[Any, Vehicle, Envelope, Station], list[Said]]
    tick: Callable[[Any, Vehicle, Station, int], list[Said]]
    cancel: Callable[[Any, Station, int], list[Said]]


PROTOCOLS: Mapping[type, Protocol] = {
    Commanding: Protocol(command.hear, command.tick, command.cancel),
    Uploading: Protocol(upload.hear, upload.tick, upload.cancel),
    Downloading: Protocol(download.hear_reading, download.tick_reading, download.cancel_reading),
    Clearing: Protocol(download.hear_clearing, download.tick_clearing, download.cancel_clearing),
    Asking: Protocol(parameter.hear, parameter.tick, parameter.cancel),
    Listing: Protocol(parameter_list.hear, parameter_list.tick, parameter_list.cancel),
}
# Kinds of command that are not said by the command protocol.
BEGIN: Mapping[str, Callable[[Delivery, Vehicle, Station], Talk | str]] = {
    "upload_mission": upload.begin,
    "download_mission": download.begin_reading,
    "clear_mission": download.begin_clearing,
    "get_parameter": parameter.begin,
    "set_parameter": parameter.begin,
    "list_parameters": parameter_list.begin,
}


def begin(delivery: Delivery, vehicle: Vehicle, station: Station) -> Talk | str:
    """How a command begins, or in a sentence why this vehicle cannot be told."""
    return BEGIN.get(delivery.command, command.begin)(delivery, vehicle, station)
