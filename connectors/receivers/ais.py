"""NMEA sentences as AIS messages: parts put together here, bits read by pyais.

A tag block or a Gatehouse line before a sentence says when a station on shore has
heard it. A sentence whose checksum is wrong is not read, nor is a message of which a
part is missing.
"""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from pyais.exceptions import AISBaseException, UnknownMessageException
from pyais.messages import AISSentence, GatehouseSentence, NMEASentenceFactory, TagBlock
from pyais.util import compute_checksum

from connectors.receivers.heard import UNWANTED, Said, Told, Unread
from connectors.receivers.lines import Lines

# Positions, what a ship is, base stations, aircraft that search, marks at sea, and safety.
WANTED = frozenset((1, 2, 3, 4, 5, 9, 11, 12, 14, 18, 19, 21, 24, 27))
MOST_UNFINISHED = 64
# The parts of a message leave a receiver together: what comes later is of another.
LONGEST_WAIT_US = 5_000_000
LARGEST_MMSI = 999_999_999
EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1990, 2100))
MILLISECONDS_FROM = 100_000_000_000

CHECKSUM = "a checksum is wrong"
NOT_NMEA = "not NMEA"
OVERLONG = "a line without end"
INCOMPLETE = "a part of a message is missing"
UNREADABLE = "an AIS message that cannot be read"


class _Unfinished:
    def __init__(self, parts: list[AISSentence], heard_us: int, told_us: int | None) -> None:
        self.parts = parts
        self.heard_us = heard_us
        self.told_us = told_us


class AisReader:
    """Reads one peer's sentences."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._unfinished: OrderedDict[tuple[object, ...], _Unfinished] = OrderedDict()
        self._told_us: int | None = None

    def feed(self, data: bytes, heard_us: int, *, whole: bool) -> list[Told]:
        lines, overlong = self._lines.feed(data, whole=whole)
        told: list[Told] = [Unread(OVERLONG, line) for line in overlong]
        for line in lines:
            told.extend(self._line(line.strip(), heard_us))
        return told

    def _line(self, line: bytes, heard_us: int) -> list[Told]:
        if not line or line.startswith(b"#"):
            return []
        try:
            sentence = NMEASentenceFactory.produce(line)
        except UnknownMessageException:
            return [UNWANTED if _is_nmea(line) else Unread(NOT_NMEA, line)]
        except AISBaseException:
            return [Unread(NOT_NMEA, line)]
        before_us, self._told_us = self._told_us, None
        if not sentence.is_valid:
            return [Unread(CHECKSUM, line)]
        if isinstance(sentence, GatehouseSentence):
            self._told_us = _microseconds(sentence.timestamp.replace(tzinfo=UTC).timestamp())
            return []
        if not isinstance(sentence, AISSentence):
            return [UNWANTED]
        told_us = _tagged_us(sentence.tag_block)
        return self._part(sentence, heard_us, before_us if told_us is None else told_us)

    def _part(self, part: AISSentence, heard_us: int, told_us: int | None) -> list[Told]:
        if part.frag_cnt == 1:
            return [_message(part, told_us)]
        told = self._forget(heard_us)
        key = (part.seq_id, part.channel, part.talker_id, part.type, part.frag_cnt)
        begun = self._unfinished.pop(key, None)
        if part.frag_num == 1:
            if begun:
                told.append(Unread(INCOMPLETE, begun.parts[0].raw))
            begun = _Unfinished([], heard_us, told_us)
        elif begun is None or part.frag_num != len(begun.parts) + 1:
            return [*told, Unread(INCOMPLETE, part.raw)]
        begun.parts.append(part)
        if part.frag_num == part.frag_cnt:
            whole = AISSentence.assemble_from_iterable(begun.parts)
            return [*told, _message(whole, told_us if begun.told_us is None else begun.told_us)]
        self._unfinished[key] = begun
        return told

    def _forget(self, heard_us: int) -> list[Told]:
        """Give up what was begun too long ago, and what is too much; the oldest stand first."""
        told: list[Told] = []
        while self._unfinished:
            key, oldest = next(iter(self._unfinished.items()))
            waited_us = heard_us - oldest.heard_us
            if 0 <= waited_us <= LONGEST_WAIT_US and len(self._unfinished) < MOST_UNFINISHED:
                break
            del self._unfinished[key]
            told.append(Unread(INCOMPLETE, oldest.parts[0].raw))
        return told


def _message(sentence: AISSentence, told_us: int | None) -> Told:
    if sentence.payload and sentence.ais_id not in WANTED:
        return UNWANTED
    try:
        fields = sentence.decode().asdict(enum_as_int=True)
    except AISBaseException:
        return Unread(UNREADABLE, sentence.raw)
    mmsi = fields.pop("mmsi", None)
    if not isinstance(mmsi, int) or not 1 <= mmsi <= LARGEST_MMSI:
        return Unread(UNREADABLE, sentence.raw)
    return Said(mmsi, {name: _plain(value) for name, value in fields.items()}, told_us)


def _plain(value: Any) -> Any:
    """A field without pyais' own classes: numbers that have names there are numbers here."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


def _is_nmea(line: bytes) -> bool:
    """Whether it is a sentence of another instrument, unharmed."""
    body, star, given = line.rpartition(b"*")
    if line[:1] not in (b"$", b"!") or not star or not line.isascii():
        return False
    return given.upper() == b"%02X" % compute_checksum(body + star)


def _tagged_us(block: TagBlock | None) -> int | None:
    """When a station says that it heard the sentence, as far as that can be."""
    if block is None:
        return None
    block.init()
    text = block.receiver_timestamp if block.is_valid else None
    if not text or not text.isdecimal() or len(text) > 16:
        return None
    count = int(text)
    return _microseconds(count / 1000 if count > MILLISECONDS_FROM else count)


def _microseconds(seconds: float) -> int | None:
    return round(seconds * 1_000_000) if EARLIEST <= seconds < LATEST else None
