"""Receivers are read out of a setting, or refused as a whole."""

import pytest

from flows.ontology.receivers import Receiver, receivers
from flows.ontology.settings import SettingError, Settings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (" , ,", ()),
        ("udp:10110", (Receiver("udp", "127.0.0.1", 10110, "nmea"),)),
        ("tcp:feed.example:4001", (Receiver("tcp", "feed.example", 4001, "nmea"),)),
        ("tcpin:192.0.2.1:4002", (Receiver("tcpin", "192.0.2.1", 4002, "nmea"),)),
        ("udp:[::1]:10110", (Receiver("udp", "::1", 10110, "nmea"),)),
        (
            "udp:1 , tcp:1,tcpin:1",
            tuple(Receiver(each, "127.0.0.1", 1, "nmea") for each in ("udp", "tcp", "tcpin")),
        ),
    ],
)
def test_ais_receivers_are_read(text: str, found: tuple[Receiver, ...]) -> None:
    """A port alone is one of loopback."""
    assert Settings.read({"AIS_RECEIVERS": text}).ais_receivers == found


@pytest.mark.parametrize(
    ("text", "form"), [("", ""), ("sbs:", "sbs"), ("beast:", "beast"), ("avr:", "avr")]
)
@pytest.mark.parametrize(("host", "found"), [("radio:", "radio"), ("", "127.0.0.1")])
def test_an_adsb_receiver_may_say_in_which_form_it_speaks(
    text: str, form: str, host: str, found: str
) -> None:
    """Or else it is found out from what it says; a port alone is one of loopback there too."""
    (receiver,) = Settings.read({"ADSB_RECEIVERS": f"{text}tcp:{host}30003"}).adsb_receivers
    assert receiver == Receiver("tcp", found, 30003, form)


@pytest.mark.parametrize(
    "text",
    [
        "10110", "udp", "udp:", "udp:0", "udp:65536", "udp:-1", "udp:1.5", "udp:123456",
        "http:10110", "udp://host:1", "udp:host", "udp:a b:1", "udp:ho/st:1", "udp:user@host:1",
        "udp:::1:10110", "udp:[::1:10110", "udp:[zz]:1", "udp:host:1:2", "udp:1,udp:127.0.0.1:1",
        "udp:\u0661", "udp:1;udp:2", "UDP:1", "udp:\x00:1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("variable", ["AIS_RECEIVERS", "ADSB_RECEIVERS"])
def test_what_is_no_receiver_is_refused_with_what_is_allowed(variable: str, text: str) -> None:
    """Of a list, the whole."""
    with pytest.raises(SettingError, match=f"^{variable} is .* but must be "):
        Settings.read({variable: f"tcp:good:5,{text}"})


@pytest.mark.parametrize("text", ["sbs:udp:1", "nmea:udp:1", "beast:tcp:host:1"])
def test_an_ais_receiver_has_no_form(text: str) -> None:
    """All of them speak NMEA."""
    with pytest.raises(ValueError, match=text):
        receivers(forms=False)(text)


@pytest.mark.parametrize("form", ["nmea", "mlat", "json"])
def test_a_form_that_nobody_speaks_is_refused(form: str) -> None:
    """An AIS receiver's is no ADS-B receiver's."""
    with pytest.raises(SettingError, match="ADSB_RECEIVERS"):
        Settings.read({"ADSB_RECEIVERS": f"{form}:tcp:host:1"})


def test_receivers_have_names_that_tell_them_apart() -> None:
    """As they are written, with the address that was left out."""
    found = receivers(forms=True)("udp:1,sbs:tcp:[::1]:2,tcpin:host:3")
    assert [each.name for each in found] == ["udp:127.0.0.1:1", "tcp:[::1]:2", "tcpin:host:3"]
    assert [each.listens for each in found] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "place"), [("", None), ("51.99, 4.375", (51.99, 4.375)), ("-90,180", (-90, 180))]
)
def test_receivers_may_have_a_place(text: str, place: tuple[float, float] | None) -> None:
    """In degrees."""
    assert Settings.read({"ADSB_PLACE": text}).adsb_place == place


@pytest.mark.parametrize(
    "text", ["51.99", "51.99,4.375,7", "91,0", "0,181", "nan,0", "0,inf", "N,E"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    """With what is allowed."""
    with pytest.raises(SettingError, match=r"ADSB_PLACE is .* but must be latitude,longitude"):
        Settings.read({"ADSB_PLACE": text})
