"""How many ships or aircraft one receiver may bring: anybody can transmit any number."""

from collections import OrderedDict

from connectors.receivers.heard import Said, Told, Unread

# The busiest receivers hear some thousands at a time, services for a whole sea some ten thousand.
MOST = 20_000
SILENT_US = 3600 * 1_000_000

CROWDED = "more ships or aircraft than one receiver may bring"


class Crowd:
    """Those heard last by a receiver. Who is among them is heard on, whoever else comes.

    Args:
        most: so many. A newcomer has to wait until one of them has been silent for an hour.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._heard: OrderedDict[int, int] = OrderedDict()

    def admitted(self, told: Told, heard_us: int) -> Told:
        """What was told; a refusal of it where there is no room for who says it."""
        if not isinstance(told, Said):
            return told
        heard = self._heard
        if told.number not in heard and len(heard) >= self._most:
            silent, since_us = next(iter(heard.items()))
            if heard_us - since_us <= SILENT_US:
                return Unread(CROWDED, str(told.number).encode())
            del heard[silent]
        heard[told.number] = heard_us
        heard.move_to_end(told.number)
        return told
