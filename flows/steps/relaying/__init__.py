"""What the relay says to vehicles: deliveries in, MAVLink's messages and answers out.

``carry`` is the step. A protocol is a state and three functions on it, named in ``protocols``;
``begin`` has for each kind of command how a protocol begins it. ``command`` is MAVLink's command
protocol, and ``orders`` what each autopilot is told.
"""
