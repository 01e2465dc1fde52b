"""What goes over the air, packed and read by the standards' own layouts and by nothing of ours."""

from collections.abc import Iterator

SIXBIT = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"

# From the literature on ADS-B: https://mode-s.org, "The 1090 Megahertz Riddle".
EVEN = "8D40621D58C382D690C8AC2863A7"  # With the next, newest even: 52.2572, 3.91937, FL380.
ODD = "8D40621D58C386435CC412692AD6"
KLM1023 = "8D4840D6202CC371C32CE0576098"
GROUND_SPEED = "8D485020994409940838175B284F"  # 159 kt, 182.88 deg, -832 ft/min, 550 ft above.
AIR_SPEED = "8DA05F219B06B6AF189400CBC33F"  # TAS 375 kt, heading 243.98 deg, -2304 ft/min.
SURFACE_EVEN = "8C4841753AAB238733C8CD4020B1"
SURFACE_ODD = "8C4841753A8A35323FAEBDAC702D"  # With the one before: 52.3206, 4.7347.
ALTITUDE_REPLY = "A02014B400000000000000F9D514"  # A format 20 of somebody.

# From the literature on AIS: https://gpsd.io/AIVDM.html.
MOORED = b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"
EVER_DIADEM = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)


def sentence(body: str) -> bytes:
    """An NMEA sentence, with its checksum."""
    parity = 0
    for byte in body.encode():
        parity ^= byte
    return f"!{body}*{parity:02X}".encode()


def tagged(block: str, line: bytes) -> bytes:
    """A sentence behind a tag block."""
    return b"\\" + sentence(block)[1:] + b"\\" + line


def ais(*fields: tuple[int, int | str], channel: str = "A") -> bytes:
    """An AIS message of one sentence: widths in bits, and what stands there."""
    payload, fill = armoured(*fields)
    return sentence(f"AIVDM,1,1,,{channel},{payload},{fill}")


def armoured(*fields: tuple[int, int | str]) -> tuple[str, int]:
    """Bits as an AIS payload, and how many were filled in."""
    bits = "".join(
        "".join(f"{SIXBIT.index(each):06b}" for each in value.ljust(width // 6, "@"))
        if isinstance(value, str)
        else f"{value & (1 << width) - 1:0{width}b}"
        for width, value in fields
    )
    fill = -len(bits) % 6
    bits += "0" * fill
    sixes = (int(bits[at : at + 6], 2) for at in range(0, len(bits), 6))
    return "".join(chr(each + 48 if each < 40 else each + 56) for each in sixes), fill


def bits_of(payload: str) -> str:
    """The bits of an AIS payload."""
    numbers = ((ord(each) - 48) - (8 if ord(each) - 48 > 40 else 0) for each in payload)
    return "".join(f"{number:06b}" for number in numbers)


def taken(bits: str, *widths: int) -> Iterator[int]:
    """Unsigned fields of such widths, one after the other; negative widths are signed."""
    at = 0
    for width in widths:
        part = bits[at : at + abs(width)]
        at += abs(width)
        value = int(part, 2)
        yield value - (1 << len(part)) if width < 0 and part[0] == "1" else value


def class_a(mmsi: int = 227006760, kind: int = 1, **more: int) -> bytes:
    """A position report of a ship, in the units of the standard; unknown is what is not given."""
    given = {
        "status": 15, "turn": -128, "speed": 1023, "accuracy": 0, "lon": 181 * 600_000,
        "lat": 91 * 600_000, "course": 3600, "heading": 511, "second": 60,
    } | more  # fmt: skip
    widths = {
        "status": 4, "turn": 8, "speed": 10, "accuracy": 1, "lon": 28, "lat": 27, "course": 12,
        "heading": 9, "second": 6,
    }  # fmt: skip
    fields = [(widths[name], given[name]) for name in widths]
    return ais((6, kind), (2, 0), (30, mmsi), *fields, (2, 0), (3, 0), (1, 0), (19, 0))


def parity(data: bytes) -> int:
    """The 24 bits that Mode S puts behind a message, by long division."""
    rest = int.from_bytes(data, "big") << 24
    for bit in range(len(data) * 8 + 23, 23, -1):
        if rest >> bit & 1:
            rest ^= 0x1FFF409 << (bit - 24)
    return rest


def squitter(icao: int, message: int, *, form: int = 17, capability: int = 5) -> bytes:
    """An extended squitter around 56 bits."""
    head = bytes((form << 3 | capability,)) + icao.to_bytes(3, "big") + message.to_bytes(7, "big")
    return head + parity(head).to_bytes(3, "big")


def all_call(icao: int, *, radar: int = 0, capability: int = 5) -> bytes:
    """A short frame by which an aircraft says that it is there."""
    head = bytes((11 << 3 | capability,)) + icao.to_bytes(3, "big")
    return head + (parity(head) ^ radar).to_bytes(3, "big")


def reply(icao: int, head: bytes) -> bytes:
    """A reply to a radar: the address is folded into the parity."""
    return head + (parity(head) ^ icao).to_bytes(3, "big")


def beast(frame: bytes, clock: bytes = b"\x00\x01\x1a\x03\x04\x05", strength: int = 0x1A) -> bytes:
    """A frame as Beast sends it, with escape bytes in clock and strength as well."""
    body = clock + bytes((strength,)) + frame
    kind = {2: b"1", 7: b"2", 14: b"3"}[len(frame)]
    return b"\x1a" + kind + body.replace(b"\x1a", b"\x1a\x1a")


def avr(frame: bytes) -> bytes:
    """A frame as AVR sends it."""
    return f"*{frame.hex().upper()};\n".encode()
