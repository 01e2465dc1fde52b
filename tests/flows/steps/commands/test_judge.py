"""Whether a command may be sent, as a table: what is asked of which vehicle, and why it may not."""

from typing import Any

import msgspec
import pytest

from connectors.jetstream import Message
from flows.ontology import subjects
from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_facts import Facts, Limits
from flows.ontology.commands import Request
from flows.steps.commands.fences import Fence, read_fence
from flows.steps.commands.judge import judge, liveness, params

NOW = 1_750_000_000_000_000
SECOND = 1_000_000
LIMITS = Limits(altitude=120, distance=2000, lost_us=15 * SECOND)
# Armed in the air over home, which is 400 m above the sea.
UAV = Facts(
    "uav", "north", "Gull", "aircraft_multirotor", live="live", heard_us=NOW - SECOND,
    period_us=SECOND, armed=True, landed="in_air", latitude=47.0, longitude=8.0,
    altitude_msl=430.0, altitude_relative=30.0, home_latitude=47.0, home_longitude=8.0,
    home_altitude=400.0,
)  # fmt: skip
NEAR = {"latitude": 47.005, "longitude": 8.0}
SQUARE = [[7.99, 46.99], [8.01, 46.99], [8.01, 47.01], [7.99, 47.01], [7.99, 46.99]]
EAST = [[8.002, 46.99], [8.004, 46.99], [8.004, 47.01], [8.002, 47.01], [8.002, 46.99]]


def fence(kind: str, ring: Any, **metadata: Any) -> Fence:
    said = {
        "entity_id": "f", "org_id": "north", "name": "Field", "entity_type": kind,
        "status": "active", "registered": {},
        "metadata": {"geometry": {"type": "Polygon", "coordinates": [ring]}, **metadata},
    }  # fmt: skip
    message = Message(subjects.BUCKET_STREAM, subjects.state("f"), msgspec.json.encode(said), 1, 1)
    found = read_fence(message)
    assert found is not None
    return found


KEEP_IN = fence("geofence", SQUARE)
LOW_BAND = fence("geofence", SQUARE, altitude_max=450)
NO_FLY = fence("no_fly_zone", EAST)
THEIRS = msgspec.structs.replace(NO_FLY, org_id="south")
BROKEN = msgspec.structs.replace(NO_FLY, broken="a ring is open")


def but(**known: Any) -> Facts:
    return msgspec.structs.replace(UAV, **known)


# Ground that is not known: neither home's height nor both of the vehicle's own.
GROUNDLESS = but(home_altitude=None, altitude_msl=None)
LOST = but(live="lost")

# What is asked, of which vehicle, within which fences, and words of why not; none: it may.
JUDGED = [
    ("hold", {}, UAV, [], ""),
    ("hold", {}, None, [], "unknown entity"),
    ("hold", {}, but(gone=True), [], "unknown entity"),
    ("hold", {}, but(org_id="south"), [], "unknown entity"),
    ("hold", {}, but(recorded=True), [], "played from a recording"),
    ("takeoff", {"altitude": 20}, but(entity_type="ground_vehicle_wheeled"), [], "is not for"),
    ("hold", {}, LOST, [], "it is lost, and was heard 1 s ago"),
    ("hold", {}, but(live="stale"), [], "it is stale"),
    ("hold", {}, but(heard_us=0), [], "never been heard"),
    ("hold", {}, but(heard_us=NOW - 60 * SECOND), [], "it is lost, and was heard 60 s ago"),
    # Heights and distances.
    ("takeoff", {"altitude": 119}, UAV, [], ""),
    ("takeoff", {"altitude": 121}, UAV, [], "121 m above home, and at most 120 m"),
    ("change_altitude", {"altitude": 530, "altitude_frame": "msl"}, UAV, [], "130 m above home"),
    ("change_altitude", {"altitude": 500, "altitude_frame": "msl"}, GROUNDLESS, [], "not known"),
    ("goto", NEAR, UAV, [], ""),
    ("goto", NEAR | {"altitude": 200}, UAV, [], "200 m above home"),
    ("goto", {"latitude": 47.02, "longitude": 8.0}, UAV, [], "from home, and at most 2000 m"),
    ("goto", NEAR, but(home_latitude=None), [], "home is not known"),
    # Fences.
    ("goto", NEAR, UAV, [KEEP_IN], ""),
    ("goto", NEAR | {"altitude": 30}, UAV, [LOW_BAND], ""),
    ("goto", NEAR | {"altitude": 60}, UAV, [LOW_BAND], "the height is outside of the geofence"),
    ("takeoff", {"altitude": 30}, GROUNDLESS, [LOW_BAND], "how high above the sea"),
    ("takeoff", {"altitude": 30}, GROUNDLESS, [KEEP_IN], ""),
    ("takeoff", {"altitude": 30}, GROUNDLESS, [LOW_BAND, KEEP_IN], ""),
    ("goto", {"latitude": 47.015, "longitude": 8.0}, UAV, [KEEP_IN], "the place is outside of"),
    ("goto", {"latitude": 47.0, "longitude": 8.006}, UAV, [NO_FLY], "the way there crosses"),
    ("goto", {"latitude": 47.0, "longitude": 8.003}, UAV, [NO_FLY], "the place is in the no-fly"),
    ("goto", {"latitude": 47.0, "longitude": 8.006}, UAV, [THEIRS], ""),
    ("goto", NEAR, UAV, [BROKEN], "cannot be read: a ring is open"),
    ("goto", NEAR, but(latitude=None), [KEEP_IN], "where it is is not known"),
    ("return", {}, UAV, [NO_FLY], ""),
]  # fmt: skip


def judged(command: str, said: Any, facts: Facts | None, fences: list[Fence], **more: Any) -> str:
    kind = CATALOGUE[command]
    found, wrong = params(kind, said)
    assert not wrong
    request = Request(
        command_id="c", org_id="north", entity_id="uav", command=command, params=found, **more
    )
    return judge(request, kind, facts, fences, LIMITS, NOW)


@pytest.mark.parametrize(("command", "said", "facts", "fences", "why"), JUDGED)
def test_what_may_be_sent(command, said, facts, fences, why) -> None:
    told = judged(command, said, facts, fences)
    assert why in told
    assert bool(told) == bool(why), told


def test_who_forces_says_why() -> None:
    """The vehicle is silent, and somebody has a reason; limits hold all the same."""
    assert "needs a reason" in judged("hold", {}, LOST, [], forced=True)
    assert judged("hold", {}, LOST, [], forced=True, reason="its radio is bad") == ""
    high = judged("takeoff", {"altitude": 500}, LOST, [], forced=True, reason="x")
    assert "500 m above home" in high


def test_without_limits_it_may_lead_anywhere() -> None:
    request = Request(
        command_id="c", org_id="north", entity_id="uav", command="goto",
        params={"latitude": -40.0, "longitude": 170.0, "altitude": 4000.0},
    )  # fmt: skip
    assert judge(request, CATALOGUE["goto"], UAV, [], Limits(0, 0, SECOND), NOW + SECOND) == ""


@pytest.mark.parametrize(
    ("heard", "said", "found"),
    [(1, "live", "live"), (1, "stale", "stale"), (14, "live", "live"), (16, "live", "lost")],
)
def test_what_a_document_says_is_believed_for_a_while(heard, said, found) -> None:
    facts = but(heard_us=NOW - heard * SECOND, live=said)
    assert liveness(facts, NOW, LIMITS) == found
