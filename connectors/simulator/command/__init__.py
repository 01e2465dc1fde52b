"""What a simulated vehicle does that is told what to do.

``helm`` is a vehicle's state under command, ``ways`` its flight modes, ``fly`` and
``steering`` move it, ``view`` shows it to its instruments. ``flight_orders`` and
``other_orders`` are the tables of MAV_CMDs, ``plans`` and ``settings`` its ends of the mission
and parameter protocols, ``words`` what it says when asked. ``ears`` lets them meet; ``faults``
makes a bad radio of a good one, which alone of these knows a socket.
"""
