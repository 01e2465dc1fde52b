"""How often what is said."""

from collections import Counter

import pytest

from connectors.simulator.schedule import REGULAR, TICK_SECONDS, due

HERTZ = {
    "heartbeat": 1, "sys_status": 1, "battery_status": 0.5, "gps_raw_int": 1,
    "global_position_int": 4, "attitude": 4, "vfr_hud": 2, "extended_sys_state": 1,
    "mission_current": 1, "home_position": 0.1, "system_time": 1,
}  # fmt: skip


def test_messages_come_as_often_as_those_of_real_autopilots():
    """Counted over a minute."""
    ticks = round(60 / TICK_SECONDS)
    counted = Counter(row.message.__name__ for tick in range(ticks) for row in due(tick))

    assert {name: count / 60 for name, count in counted.items()} == pytest.approx(HERTZ)


def test_messages_are_spread_over_the_ticks():
    """No tick has more than half of all messages."""
    assert max(len(list(due(tick))) for tick in range(400)) <= (len(REGULAR) + 1) / 2 + 1


def test_the_first_thing_that_is_said_is_a_heartbeat():
    """Before it nobody knows what the vehicle is."""
    assert next(due(0)).message.__name__ == "heartbeat"
