"""A simulated fleet: a peer program that speaks MAVLink 2 over UDP to whoever listens.

Nothing here knows what listens. ``fleet`` is the table of vehicles, ``kinds`` makes a
flight of a row, ``state`` says how a vehicle is at a time (a pure function, so that the
same seed always flies the same), ``position`` and ``status`` put that into MAVLink,
``aboard`` and ``run`` send it. ``command`` is what it does when it is told to.
Start it with ``python -m connectors.simulator``.
"""
