"""The catalogue of commands: what can be asked of an entity. A row is a kind of command.

Names are MAVLink's where it has one (``MAV_CMD``), in lower case; angles are in degrees,
headings from north by east, heights in metres above the place where the vehicle was armed
unless a parameter says that they are above the sea. REST, the pages' forms and the flow that
judges all read this table.
"""

from collections.abc import Mapping

from flows.ontology.command_kind import Kind, Parameter

_FLYING = frozenset(
    ("aircraft_fixed_wing", "aircraft_multirotor", "aircraft_vtol", "aircraft_helicopter",
     "aircraft_airship")
)  # fmt: skip
_HOVERING = frozenset(("aircraft_multirotor", "aircraft_vtol", "aircraft_helicopter"))
_MOVING = _FLYING | {
    "ground_vehicle_wheeled", "ground_vehicle_tracked", "surface_vessel_usv",
    "underwater_vehicle",
}  # fmt: skip
# Of which a vehicle does one at a time: where it goes.
NAVIGATION = "navigation"
LOW, HIGH = -1000.0, 10_000.0


def _number(
    name: str, unit: str, low: float, high: float, description: str, *,
    required: bool = False, default: float | None = None,
) -> Parameter:  # fmt: skip
    return Parameter(name, "number", description, unit, low, high, (), required, default)


def _integer(
    name: str, low: float, high: float, description: str, *,
    required: bool = False, default: int | None = None,
) -> Parameter:  # fmt: skip
    return Parameter(name, "integer", description, "1", low, high, (), required, default)


def _flag(name: str, description: str) -> Parameter:
    return Parameter(name, "flag", description, default=False)


def _choice(name: str, description: str, *choices: str, required: bool = False) -> Parameter:
    default = None if required else choices[0]
    return Parameter(name, "choice", description, "1", None, None, choices, required, default)


def _place(*, required: bool, of: str) -> tuple[Parameter, ...]:
    return (
        _number("latitude", "deg", -90, 90, f"latitude of {of}, WGS 84", required=required),
        _number("longitude", "deg", -180, 180, f"longitude of {of}, WGS 84", required=required),
    )


_FRAME = _choice(
    "altitude_frame", "what the altitude is above: home, or the sea", "relative", "msl"
)
_ALTITUDE = _number(
    "altitude", "m", LOW, HIGH, "height above what the frame says; the present one if left out"
)
_LIST = _choice("mission_type", "which of its lists", "mission", "fence", "rally")
_SPEED = _number("speed", "m/s", 0.1, 200, "speed on the way; the vehicle's own if left out")

KINDS: tuple[Kind, ...] = (
    Kind(
        "arm", "Arm", "Let the motors run",
        hazard="hazardous", entity_types=_MOVING, shown_seconds=10,
    ),
    Kind(
        "disarm", "Disarm", "Stop the motors",
        (_flag("force", "also in the air: the vehicle falls"),),
        hazard="hazardous", entity_types=_MOVING, critical_with="force", shown_seconds=10,
    ),
    Kind(
        "takeoff", "Take off", "Climb from the ground, and stay there",
        (
            _number("altitude", "m", 1, 1000, "height above home to climb to", required=True),
            _number("heading", "deg", 0, 360, "heading to keep; the present one if left out"),
        ),
        hazard="hazardous", entity_types=_FLYING, group=NAVIGATION, done_seconds=180,
    ),
    Kind(
        "land", "Land", "Come down here, or at a place",
        _place(required=False, of="the place to land; here if left out"),
        entity_types=_FLYING, group=NAVIGATION, done_seconds=600,
    ),
    Kind(
        "return", "Return", "Come home, as the vehicle is set up to",
        entity_types=_MOVING, group=NAVIGATION, done_seconds=3600,
    ),
    Kind("hold", "Hold", "Stop, or circle, where it is", entity_types=_MOVING, group=NAVIGATION),
    Kind(
        "goto", "Go to", "Go to a place, and stay there",
        (
            *_place(required=True, of="the place"), _ALTITUDE, _FRAME, _SPEED,
            _number("heading", "deg", 0, 360, "heading there; the vehicle's own if left out"),
        ),
        entity_types=_MOVING, group=NAVIGATION, done_seconds=3600,
    ),
    Kind(
        "set_mode", "Set mode", "Fly in a mode of the autopilot",
        (Parameter("mode", "text", "the mode's name, as the autopilot's documentation has it",
                   required=True),),
        hazard="hazardous", entity_types=_MOVING, group=NAVIGATION, shown_seconds=10,
    ),
    Kind(
        "set_speed", "Set speed", "Change the speed that is aimed at",
        (
            _number("speed", "m/s", 0, 200, "speed", required=True),
            _choice("of", "which speed", "ground", "air", "climb", "descent"),
        ),
        entity_types=_MOVING,
    ),
    Kind(
        "change_altitude", "Change altitude", "Climb or come down, and go on",
        (_number("altitude", "m", LOW, HIGH, "height above what the frame says", required=True),
         _FRAME),
        entity_types=_FLYING | {"underwater_vehicle"}, group=NAVIGATION, done_seconds=900,
    ),
    Kind(
        "orbit", "Orbit", "Circle round a place until told otherwise",
        (
            *_place(required=True, of="the middle"), _ALTITUDE, _FRAME,
            _number("radius", "m", 1, 10_000, "radius", required=True), _SPEED,
            _choice("direction", "seen from above", "clockwise", "counterclockwise"),
        ),
        entity_types=_FLYING, group=NAVIGATION,
    ),
    Kind(
        "upload_mission", "Upload mission", "Give the vehicle a mission, fence or rally points",
        (
            _choice(
                "mission_type", "which of its lists it replaces", "mission", "fence", "rally"
            ),
            Parameter("items", "items", "the items, as a stored mission has them", required=True),
            Parameter("mission_id", "text", "the stored mission that they are of", default=""),
            _integer("version", 0, 1_000_000, "which of its versions that is", default=0),
        ),
        hazard="hazardous", entity_types=_MOVING, answer_seconds=20, done_seconds=600,
    ),
    Kind(
        "download_mission", "Download mission", "Read the mission that the vehicle has",
        (_LIST,),
        entity_types=_MOVING, answer_seconds=20, done_seconds=600,
    ),
    Kind(
        "clear_mission", "Clear mission", "Make the vehicle forget a list",
        (_LIST,),
        hazard="hazardous", entity_types=_MOVING, answer_seconds=20,
    ),
    Kind(
        "set_mission_item", "Set mission item", "Go on with another item of the mission",
        (_integer("item", 0, 65_535, "its number", required=True),),
        hazard="hazardous", entity_types=_MOVING,
    ),
    Kind(
        "start_mission", "Start mission", "Fly the mission from its beginning, or from an item",
        (_integer("first", 0, 65_535, "number of the first item", default=0),),
        hazard="hazardous", entity_types=_MOVING, group=NAVIGATION, repeatable=False,
        shown_seconds=86_400,
    ),
    Kind(
        "pause_mission", "Pause mission", "Stay where it is, with the mission kept",
        entity_types=_MOVING,
    ),
    Kind("resume_mission", "Resume mission", "Go on with the mission", entity_types=_MOVING),
    Kind(
        "abort_mission", "Abort mission", "Leave the mission, and stay where it is",
        entity_types=_MOVING, group=NAVIGATION,
    ),
    Kind(
        "set_home", "Set home", "Say where it comes back to",
        (
            *_place(required=False, of="home; where it is now if left out"),
            _number("altitude", "m", LOW, HIGH, "height above the sea; its own if left out"),
        ),
        hazard="hazardous", entity_types=_MOVING,
    ),
    Kind(
        "reboot", "Reboot", "Start the autopilot anew, which it refuses while it flies",
        hazard="critical", entity_types=_MOVING, repeatable=False,
    ),
    Kind(
        "set_parameter", "Set parameter", "Change a parameter of the autopilot",
        (
            Parameter("name", "text", "its name, of at most 16 characters", required=True),
            _number("value", "1", -3.4e38, 3.4e38, "what it is to be", required=True),
        ),
        hazard="hazardous", answer_seconds=20,
    ),
    Kind(
        "get_parameter", "Get parameter", "Read a parameter of the autopilot",
        (Parameter("name", "text", "its name, of at most 16 characters", required=True),),
        answer_seconds=20,
    ),
    Kind(
        "list_parameters", "List parameters", "Read all parameters of the autopilot",
        answer_seconds=20, done_seconds=600,
    ),
    Kind(
        "camera_trigger", "Take pictures", "Take one picture, or several",
        (
            _integer("count", 1, 10_000, "how many", default=1),
            _number("interval", "s", 0, 3600, "between two of them", default=0),
            _integer("camera", 0, 6, "which camera; 0 is all of them", default=0),
        ),
        repeatable=False,
    ),
    Kind(
        "camera_record", "Record video", "Begin or end a recording",
        (
            _choice("action", "what to do", "start", "stop", required=True),
            _integer("camera", 0, 6, "which camera; 0 is all of them", default=0),
        ),
    ),
    Kind(
        "camera_zoom", "Zoom", "Zoom to a part of the camera's range",
        (
            _number("zoom", "%", 0, 100, "0 is widest", required=True),
            _integer("camera", 0, 6, "which camera; 0 is all of them", default=0),
        ),
    ),
    Kind(
        "gimbal_point", "Point gimbal", "Turn the gimbal by angles, or to a place",
        (
            _number("pitch", "deg", -180, 180, "up is positive", default=0),
            _number("yaw", "deg", -180, 180, "right is positive, from the vehicle's nose",
                    default=0),
            *_place(required=False, of="a place to look at, in place of angles"),
            _number("altitude", "m", LOW, HIGH, "of that place above the sea", default=0),
        ),
    ),
    Kind(
        "raw", "Raw MAVLink", "COMMAND_LONG or COMMAND_INT as it is, which nothing here checks",
        (
            _choice("message", "which message", "COMMAND_LONG", "COMMAND_INT"),
            _integer("command", 0, 65_535, "number of the MAV_CMD", required=True),
            *(_number(f"param{n}", "1", -3.4e38, 3.4e38, f"parameter {n}", default=0)
              for n in range(1, 5)),
            _number("param5", "1", -3.4e38, 3.4e38, "parameter 5; x of COMMAND_INT", default=0),
            _number("param6", "1", -3.4e38, 3.4e38, "parameter 6; y of COMMAND_INT", default=0),
            _number("param7", "1", -3.4e38, 3.4e38, "parameter 7; z of COMMAND_INT", default=0),
            _integer("frame", 0, 21, "MAV_FRAME of COMMAND_INT", default=0),
            _integer("component", 0, 255, "component that it is for; the autopilot's if left out"),
        ),
        hazard="critical", repeatable=False,
    ),
)  # fmt: skip

CATALOGUE: Mapping[str, Kind] = {each.name: each for each in KINDS}
