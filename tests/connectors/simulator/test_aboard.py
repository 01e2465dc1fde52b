"""Vehicles on the air, over real sockets."""

from contextlib import closing

import pytest

from connectors.simulator.aboard import Aboard
from connectors.simulator.fleet import ROWS
from connectors.simulator.radio import Radio
from connectors.simulator.schedule import TICK_SECONDS
from connectors.simulator.state import vehicle

STARTED_US = 1_750_000_000_000_000


@pytest.fixture
def spoken(ground, waiting, decode):
    """What one vehicle says from tick to tick, decoded."""

    def speak(row, ticks, speed=1.0, seed=7):
        messages = []
        with closing(Radio(*ground.getsockname())) as radio:
            aboard = Aboard(vehicle(row, seed), radio, STARTED_US)
            for tick in ticks:
                aboard.speak(tick, speed)
                if tick % 100 == 0:
                    messages += [each for data in waiting(ground) for each in decode(data)]
            messages += [each for data in waiting(ground) for each in decode(data)]
        assert aboard.said == len(messages)
        return messages

    return speak


def test_each_component_numbers_its_own_messages_without_a_gap(spoken):
    """From 0, and round again after 255."""
    messages = spoken(ROWS[0], range(200))

    for component in (1, 154):
        numbers = [each.get_seq() for each in messages if each.get_srcComponent() == component]
        assert numbers == [number % 256 for number in range(len(numbers))]
    assert len(messages) > 256


@pytest.mark.parametrize(("row", "component", "mav_type"), [(0, 154, 26), (1, 191, 18)])
def test_what_else_is_aboard_has_a_heartbeat_of_its_own(spoken, row, component, mav_type):
    """Once a second, and as no autopilot."""
    messages = spoken(ROWS[row], range(40))
    others = [each for each in messages if each.get_srcComponent() != 1]

    assert len(others) == 10
    assert {(each.get_type(), each.get_srcComponent(), each.type, each.autopilot)
            for each in others} == {("HEARTBEAT", component, mav_type, 8)}  # fmt: skip


def test_a_whole_flight_is_told_in_sentences_each_once_and_in_order(spoken):
    """Each with the waypoint that it reaches, where it reaches one."""
    gull = vehicle(ROWS[0], 7)
    round_ticks = int(gull.flight.period / TICK_SECONDS / 10) + 1
    messages = spoken(ROWS[0], range(round_ticks), speed=10.0)
    texts = [each.text for each in messages if each.get_type() == "STATUSTEXT"]
    reached = [each.seq for each in messages if each.get_type() == "MISSION_ITEM_REACHED"]
    waypoints = [f"Reached waypoint {number}" for number in range(1, 5)]
    order = ["Disarmed", "Armed", "Takeoff", *waypoints, "Returning home", "Landing", "Landed"]
    first = order.index(texts[0])

    assert texts == (order[first:] + order[:first])[: len(texts)]
    assert len(texts) >= len(order)
    assert sorted(reached) == [1, 2, 3, 4]


def test_a_battery_that_runs_low_is_told_once_as_a_warning(spoken):
    """Once a flight, not at every tick below."""
    messages = spoken(ROWS[1], range(300), speed=10.0)
    warnings = [each for each in messages if each.get_type() == "STATUSTEXT" and each.severity == 4]

    assert [each.text for each in warnings] == ["Low battery"]


def test_what_is_said_depends_on_seed_and_tick_alone(spoken):
    """Byte for byte, so that a run can be had again."""
    one = [each.get_msgbuf() for each in spoken(ROWS[5], range(80))]

    assert [each.get_msgbuf() for each in spoken(ROWS[5], range(80))] == one
    assert [each.get_msgbuf() for each in spoken(ROWS[5], range(80), seed=8)] != one


@pytest.mark.parametrize("speed", [1.0, 5.0])
def test_the_clock_and_the_time_since_switching_on_run_alike(spoken, speed):
    """At any speed, and as fast as the simulation."""
    times = [each for each in spoken(ROWS[0], range(80), speed) if each.get_type() == "SYSTEM_TIME"]
    booted = {each.time_unix_usec - 1000 * each.time_boot_ms for each in times}
    gone = times[-1].time_boot_ms - times[0].time_boot_ms

    assert max(booted) - min(booted) <= 1000
    assert gone == pytest.approx((len(times) - 1) * 1000 * speed, abs=2)


def test_a_vehicle_takes_what_is_said_to_it_off_the_socket(ground):
    """However much that is: a full socket would keep old commands before new ones."""
    with closing(Radio(*ground.getsockname())) as radio:
        aboard = Aboard(vehicle(ROWS[0], 7), radio, STARTED_US)
        aboard.speak(0, 1.0)
        _, peer = ground.recvfrom(65_535)
        for _ in range(30):
            ground.sendto(b"\xfdnonsense", peer)
        aboard.listen()

    assert aboard.heard == 30


def test_a_vehicle_flies_on_where_nobody_listens(ground):
    """Refused datagrams are lost, not an error."""
    address = ground.getsockname()
    ground.close()
    with closing(Radio(*address)) as radio:
        aboard = Aboard(vehicle(ROWS[0], 7), radio, STARTED_US)
        for tick in range(20):
            aboard.speak(tick, 1.0)
            aboard.listen()

    assert aboard.said > 60
    assert aboard.heard == 0
