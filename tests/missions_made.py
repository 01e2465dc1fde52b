"""Missions for tests: one that is as it should be, and any that there may be."""

from hypothesis import strategies as st

from flows.ontology.missions import Item
from flows.ontology.stored_missions import Home, Mission

HOME = Home(47.3977, 8.5456, 488.0)


def at(command=16, north=0.0, east=0.0, altitude=50.0, **more):
    """An item so many thousandths of a degree from home."""
    place = {"latitude": 47.3977 + north / 1000, "longitude": 8.5456 + east / 1000}
    return Item(command=command, altitude=altitude, **place, **more)


def corner(command, count, north, east):
    return at(command, north, east, 0.0, frame=0, param1=float(count), param4=0.0)


MISSION = Mission(
    items=[
        at(22, altitude=30.0, param1=15.0),
        at(16, 1),
        at(178, frame=2, param1=1.0, param2=4.0, param3=-1.0, param4=0.0, altitude=0.0),
        at(16, 1, 1),
        Item(command=177, frame=2, param1=1.0, param2=2.0, param4=0.0),
        Item(command=20, frame=2, param4=0.0),
    ],
    fence=[
        *(corner(5001, 4, *each) for each in ((-3, -3), (-3, 3), (3, 3), (3, -3))),
        *(corner(5002, 3, *each) for each in ((1.5, 1.5), (1.5, 2), (2, 2))),
        at(5003, 0, 0, 0.0, frame=0, param1=900.0, param4=0.0),
        at(5000, 0, 0, 20.0, param4=0.0),
    ],
    rally=[at(5100, 1, -1, 25.0, param4=0.0)],
    home=HOME,
    cruise_speed=12.0,
    autopilot=12,
    vehicle=2,
)

numbers = st.floats(-3.4e38, 3.4e38)
params = st.none() | numbers
anything = st.builds(
    Item,
    command=st.integers(0, 65_535),
    frame=st.integers(0, 21),
    param1=params,
    param2=params,
    param3=params,
    param4=params,
    latitude=numbers,
    longitude=numbers,
    altitude=numbers,
    autocontinue=st.booleans(),
)
