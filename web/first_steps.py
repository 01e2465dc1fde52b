"""What a dashboard without entities says: how to get the first one."""

import htpy as h

from flows.ontology.links import LISTENING
from flows.ontology.settings import Settings


def first_steps(settings: Settings) -> h.Element:
    """Where to send MAVLink, where receivers are heard, and how to play a recording."""
    addresses = [
        each.called(settings.address(each)) for each in settings.links if each.scheme in LISTENING
    ]
    return h.div(".notice")[
        h.h2["No vehicle has been heard yet"],
        h.p[
            "Send MAVLink to ",
            h.fragment[[(h.code[address], " ") for address in addresses]],
            "and it appears here by itself.",
        ],
        _receivers(settings),
        h.p["Or play a recording: ", h.code["overwatch replay FILE"]],
    ]


def _receivers(settings: Settings) -> h.Element | None:
    if not settings.receivers:
        return None
    names = h.fragment[[(h.code[each.name], " ") for each in settings.receivers]]
    return h.p["Ships and aircraft appear as soon as a receiver brings them by ", names]
