"""What devices call themselves, and which of the registry's types of entity that is."""

from flows.ontology.entities import ENTITY_TYPES
from flows.ontology.vehicles import MAV_TYPES, VEHICLES

MOST_LETTERS = 64

# By type, what edge programs, fleets and shops say, in lower case and with ``_`` between words.
CALLED: dict[str, str] = {
    "aircraft_fixed_wing": "fixed_wing fixedwing plane airplane aeroplane glider",
    "aircraft_multirotor": (
        "drone uav uas rpas quadcopter quadrotor quad hexacopter hexarotor octocopter octorotor "
        "multicopter multirotor tricopter copter"
    ),
    "aircraft_vtol": "vtol tiltrotor tailsitter quadplane evtol",
    "aircraft_helicopter": "helicopter heli rotorcraft",
    "aircraft_airship": "airship blimp balloon aerostat",
    "ground_vehicle_wheeled": (
        "ground_vehicle wheeled ugv rover ground_rover robot ground_robot amr agv car truck "
        "unmanned_ground_vehicle"
    ),
    "ground_vehicle_tracked": "tracked crawler tracked_vehicle",
    "surface_vessel_usv": "boat usv asv vessel ship surface_vessel surface_boat",
    "underwater_vehicle": "submarine auv uuv rov underwater sub",
    "sensor_platform": (
        "sensor isr_sensor camera iot iot_sensor gateway weather_station buoy tracker beacon radar "
        "lidar sonar thermometer environmental_sensor sensor_node"
    ),
    "payload_system": "payload gimbal",
    "operator_station": "gcs operator ground_station ground_control_station control_station",
    "waypoint": "poi",
    "no_fly_zone": "nfz",
    "geofence": "fence",
}  # fmt: skip
_TYPES: dict[str, str] = {each: each for each in ENTITY_TYPES} | {
    alias: entity_type for entity_type, many in CALLED.items() for alias in many.split()
}


def entity_type(text: str) -> str:
    """The type of entity that a word stands for; empty where it stands for none.

    A ``MAV_TYPE_...`` stands for the type of such vehicles.
    """
    if len(text) > MOST_LETTERS:
        return ""
    if text in MAV_TYPES:
        vehicle = VEHICLES.get(MAV_TYPES[text])
        return vehicle.entity_type if vehicle else ""
    return _TYPES.get(text.strip().lower().replace("-", "_").replace(" ", "_"), "")
