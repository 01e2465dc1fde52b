"""Recordings of real traffic: those that are ours to keep, and others where they are."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("recordings")
COPTER = FOLDER / "sitl_copter41_mavproxy_mission.tlog"
FLEET = FOLDER / "sitl_fleet_4veh_sysid11-14.tlog"
INAV = FOLDER / "inav901_rover_sysid42_nofix.tlog"

# More of them may lie beside the repository; tests of them are collected only then.
SHARED = Path(__file__).parents[2] / "shared" / "data"


def others(pattern: str) -> list[tuple[Path, dict[str, Any]]]:
    """Recordings beside the repository, and what was found in them by other means."""
    folder = SHARED / "mavlink"
    if not folder.is_dir():
        return []
    facts = json.loads((folder / "expected_facts.json").read_text())
    return [(path, facts[path.name]) for path in sorted(folder.glob(pattern))]
