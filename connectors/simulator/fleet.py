"""The table of vehicles: a row each."""

import math
from dataclasses import replace

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator import modes
from connectors.simulator.area import Place, moved
from connectors.simulator.motion import Point
from connectors.simulator.row import Component, Kind, Performance, Power, Row, Waypoint

ARDUPILOT = mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA
PX4 = mavlink.MAV_AUTOPILOT_PX4
# MAV_TYPE_VTOL_FIXEDROTOR of common.xml, which pymavlink still calls VTOL_RESERVED2.
VTOL_FIXED_ROTOR = 22

ROWS: tuple[Row, ...] = (
    Row(
        system_id=1,
        name="Gull",
        mav_type=mavlink.MAV_TYPE_QUADROTOR,
        autopilot=ARDUPILOT,
        kind=Kind.COPTER,
        modes=modes.COPTER,
        home=Place(38.7185, -9.4400, 48.0),
        heading=45.0,
        route=(
            Waypoint(Point(300, 250, 60), seconds=20),
            Waypoint(Point(900, -200, 80), seconds=15),
            Waypoint(Point(700, -900, 70), seconds=30),
            Waypoint(Point(-200, -700, 60), seconds=10),
        ),
        performance=Performance(speed=9, acceleration=1.5, climb_speed=3, turn_rate=0.7),
        power=Power(cells=6, amp_hours=8, idle=0.6, cruise=24, lift=27),
        parked_seconds=90,
        begun=150,
        components=(
            Component(mavlink.MAV_COMP_ID_GIMBAL, mavlink.MAV_TYPE_GIMBAL),
        ),
    ),
    Row(
        system_id=2,
        name="Tern",
        mav_type=mavlink.MAV_TYPE_HEXAROTOR,
        autopilot=PX4,
        kind=Kind.COPTER,
        modes=modes.PX4,
        home=Place(38.7255, -9.3900, 74.0),
        heading=270.0,
        route=(
            Waypoint(Point(-600, 300, 90), seconds=12),
            Waypoint(Point(-900, 1100, 110), seconds=25),
            Waypoint(Point(100, 1500, 110), seconds=12),
            Waypoint(Point(700, 600, 80), seconds=25),
        ),
        performance=Performance(speed=12, acceleration=2, climb_speed=4, turn_rate=0.8),
        power=Power(cells=12, amp_hours=7.5, idle=0.9, cruise=38, lift=42),
        parked_seconds=75,
        begun=60,
        components=(
            Component(
                mavlink.MAV_COMP_ID_ONBOARD_COMPUTER, mavlink.MAV_TYPE_ONBOARD_CONTROLLER
            ),
        ),
    ),
    Row(
        system_id=3,
        name="Albatross",
        mav_type=mavlink.MAV_TYPE_FIXED_WING,
        autopilot=ARDUPILOT,
        kind=Kind.PLANE,
        modes=modes.PLANE,
        home=Place(38.7249, -9.3553, 99.0),
        heading=350.0,
        route=(
            Waypoint(Point(-2500, 1600, 150)),
            Waypoint(Point(-5000, -500, 180), circles=3),
            Waypoint(Point(-3000, -3500, 160)),
        ),
        performance=Performance(speed=20, acceleration=3, radius=130, roll_seconds=3),
        power=Power(cells=6, amp_hours=12, idle=0.5, cruise=18, lift=45),
        parked_seconds=120,
        begun=330,
        lane=1300,
        gate=60,
    ),
    Row(
        system_id=4,
        name="Petrel",
        mav_type=mavlink.MAV_TYPE_FIXED_WING,
        autopilot=PX4,
        kind=Kind.PLANE,
        modes=modes.PX4,
        home=Place(38.7330, -9.4480, 62.0),
        heading=340.0,
        route=(
            Waypoint(Point(-2500, 800, 220)),
            Waypoint(Point(-2600, -2500, 250), circles=2),
            Waypoint(Point(-800, -3800, 230)),
        ),
        performance=Performance(speed=24, acceleration=3.5, radius=160, roll_seconds=3),
        power=Power(cells=8, amp_hours=9, idle=0.6, cruise=22, lift=60),
        parked_seconds=150,
        begun=220,
        lane=1500,
        gate=60,
    ),
    Row(
        system_id=5,
        name="Badger",
        mav_type=mavlink.MAV_TYPE_GROUND_ROVER,
        autopilot=ARDUPILOT,
        kind=Kind.ROVER,
        modes=modes.ROVER,
        home=Place(38.7400, -9.4200, 122.0),
        heading=180.0,
        route=(
            Waypoint(Point(-120, -260), seconds=20),
            Waypoint(Point(240, -420), seconds=10),
            Waypoint(Point(430, -80), seconds=30),
            Waypoint(Point(180, 190), seconds=10),
        ),
        performance=Performance(speed=2.8, acceleration=0.6, turn_rate=0.4),
        power=Power(cells=4, amp_hours=6, idle=0.8, cruise=12, lift=12),
        parked_seconds=60,
        begun=100,
    ),
    Row(
        system_id=6,
        name="Osprey",
        mav_type=mavlink.MAV_TYPE_VTOL_TILTROTOR,
        autopilot=ARDUPILOT,
        kind=Kind.VTOL,
        modes=modes.QUADPLANE,
        home=Place(38.7220, -9.4080, 55.0),
        heading=200.0,
        route=(
            Waypoint(Point(600, -3000, 120)),
            Waypoint(Point(3000, -3200, 140), circles=2),
            Waypoint(Point(3000, -300, 110)),
        ),
        performance=Performance(
            speed=20, acceleration=2, climb_speed=3, radius=140, roll_seconds=3
        ),
        power=Power(cells=6, amp_hours=14, idle=0.8, cruise=24, lift=75),
        parked_seconds=90,
        begun=160,
        lane=800,
        gate=50,
    ),
    Row(
        system_id=7,
        name="Falcon",
        mav_type=VTOL_FIXED_ROTOR,
        autopilot=PX4,
        kind=Kind.VTOL,
        modes=modes.PX4,
        home=Place(38.7120, -9.3780, 31.0),
        heading=250.0,
        route=(
            Waypoint(Point(-2500, 1500, 200)),
            Waypoint(Point(-1500, 3500, 210), circles=1),
            Waypoint(Point(1000, 3000, 160)),
        ),
        performance=Performance(
            speed=22, acceleration=2.2, climb_speed=3.5, radius=150, roll_seconds=3
        ),
        power=Power(cells=12, amp_hours=11, idle=0.9, cruise=20, lift=70),
        parked_seconds=100,
        begun=420,
        lane=900,
        gate=60,
    ),
    Row(
        system_id=8,
        name="Cormorant",
        mav_type=mavlink.MAV_TYPE_SURFACE_BOAT,
        autopilot=ARDUPILOT,
        kind=Kind.BOAT,
        modes=modes.ROVER,
        home=Place(38.6880, -9.4120, 0.0),
        heading=150.0,
        route=(
            Waypoint(Point(850, -350)),
            Waypoint(Point(1400, -850)),
            Waypoint(Point(850, -1500), circles=2),
            Waypoint(Point(-400, -1100)),
        ),
        performance=Performance(speed=5, acceleration=0.5, radius=25, roll_seconds=3),
        power=Power(cells=8, amp_hours=40, idle=1.5, cruise=55, lift=55),
        parked_seconds=120,
        begun=200,
        lane=220,
    ),
)  # fmt: skip

MOST_VEHICLES = 250
# Homes of repeated rows lie on a spiral, so that no two are closer than some hundred metres.
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
SPIRAL_METRES = 130.0
APART_SECONDS = 97.0


def fleet(vehicles: int) -> tuple[Row, ...]:
    """So many vehicles: the rows, and from the ninth on the rows again with other homes.

    Raises:
        ValueError: fewer than one, or more than MAVLink has system ids for.
    """
    if not 1 <= vehicles <= MOST_VEHICLES:
        raise ValueError(f"A fleet has 1 to {MOST_VEHICLES} vehicles, not {vehicles}.")
    return tuple(_repeated(number) for number in range(vehicles))


def _repeated(number: int) -> Row:
    again, number = divmod(number, len(ROWS))
    row = ROWS[number]
    if not again:
        return row
    metres, angle = SPIRAL_METRES * math.sqrt(again), GOLDEN_ANGLE * again
    return replace(
        row,
        system_id=row.system_id + again * len(ROWS),
        name=f"{row.name} {again + 1}",
        home=moved(row.home, metres * math.sin(angle), metres * math.cos(angle)),
        begun=row.begun + again * APART_SECONDS,
    )
