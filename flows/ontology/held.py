"""What is said once and holds until something else is said: it is as fresh as its entity."""

from functools import lru_cache

# Branches and signals; ``*`` is the number of one of many.
HELD = frozenset(
    (
        "position.home", "mission", "firmware", "ais.vessel", "ais.voyage", "ais.mmsi",
        "adsb.icao", "adsb.category", "vehicle_status.message", "vehicle_status.message_severity",
        "cameras.*.vendor", "cameras.*.model", "cameras.*.firmware", "cameras.*.definition",
        "cameras.*.focal_length", "cameras.*.sensor_width", "cameras.*.sensor_height",
        "cameras.*.resolution_width", "cameras.*.resolution_height", "cameras.*.lens",
        "cameras.*.capabilities", "cameras.*.gimbal", "cameras.*.mode", "cameras.*.image",
    )
)  # fmt: skip
MOST_KNOWN = 16_384


@lru_cache(MOST_KNOWN)
def holds(branch: str, leaf: str) -> bool:
    """Whether a signal is of those."""
    parts = [*("*" if part.isdecimal() else part for part in branch.split(".")), leaf]
    return any(".".join(parts[:levels]) in HELD for levels in range(1, len(parts) + 1))
