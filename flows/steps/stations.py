"""What a station of AIS is, by what it says and by its number (ITU-R M.585)."""

BASE_STATION, AIRCRAFT, AID = 4, 9, 21


def entity_type(kind: int, mmsi: int) -> str:
    """The type of entity of whoever sends messages of a kind under a number."""
    digits = f"{mmsi:09d}"
    if kind == BASE_STATION or digits.startswith("00"):
        return "sensor_platform"
    if kind == AID or digits.startswith("99"):
        return "waypoint"
    if kind == AIRCRAFT or digits.startswith("111"):
        return "aircraft_helicopter" if digits[6] == "5" else "aircraft_fixed_wing"
    # Beacons of lifeboats, of people overboard and of ships that have sunk.
    if digits.startswith(("970", "972", "974")):
        return "sensor_platform"
    return "surface_vessel_usv"
