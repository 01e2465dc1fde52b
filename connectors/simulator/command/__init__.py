"""What a simulated vehicle does that is told what to do.

``helm`` is a vehicle's state under command, ``ways`` its flight modes, ``fly`` and
``steering`` move it, ``orders`` is the table of MAV_CMDs, ``plans`` and ``settings`` are its
ends of the mission and parameter protocols, ``ears`` takes messages and says the answers,
``faults`` makes a bad radio of a good one. All but ``ears`` know no socket and no clock.
"""
