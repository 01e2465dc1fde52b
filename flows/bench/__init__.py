"""What a deployment does on this machine: measured side by side, on a stream made for it.

Every measurement runs in a process of its own, on its own message server and folder or,
where figures are to be compared, on one stored stream that all of them read.
"""
