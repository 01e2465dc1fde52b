"""Links are written as people who fly write them, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.links import BAUD, Link, links

BY_PATH = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0"


@pytest.mark.parametrize(
    ("text", "link", "name"),
    [
        ("14551", Link("udp", "", 14551), "udp:14551"),
        ("14551=tern", Link("udp", "", 14551, "tern"), "udp:14551"),
        ("14551=", Link("udp", "", 14551), "udp:14551"),
        ("udp:192.0.2.1:14550", Link("udp", "192.0.2.1", 14550), "udp:192.0.2.1:14550"),
        ("udpin:[::1]:1", Link("udp", "::1", 1), "udp:[::1]:1"),
        ("udpout:gcs.local:14550=g", Link("udpout", "gcs.local", 14550, "g"), None),
        ("tcp:127.0.0.1:5760", Link("tcp", "127.0.0.1", 5760), None),
        (
            "tcpin:192.0.2.1:5760=a=b",
            Link("tcpin", "192.0.2.1", 5760, "a=b"),
            "tcpin:192.0.2.1:5760",
        ),
        (
            "serial:/dev/ttyUSB0:57600=r",
            Link("serial", "/dev/ttyUSB0", 57600, "r"),
            "serial:/dev/ttyUSB0",
        ),
        ("serial:/dev/ttyACM0", Link("serial", "/dev/ttyACM0", BAUD), "serial:/dev/ttyACM0"),
        (f"serial:{BY_PATH}", Link("serial", BY_PATH, BAUD), f"serial:{BY_PATH}"),
        (f"serial:{BY_PATH}:921600", Link("serial", BY_PATH, 921_600), f"serial:{BY_PATH}"),
    ],
)
def test_each_kind_of_link_can_be_written(text: str, link: Link, name: str | None) -> None:
    """And is called by where it is, without the entity."""
    assert links(text) == (link,)
    assert link.name == (name or text.partition("=")[0])


def test_several_are_listed_with_commas_between() -> None:
    """In their order, with spaces where people like them."""
    listed = links(" 14551=a, tcp:h:1 ,,udpout:h:1,serial:/dev/x ")
    assert [each.name for each in listed] == ["udp:14551", "tcp:h:1", "udpout:h:1", "serial:/dev/x"]


@pytest.mark.parametrize(
    "text",
    [
        "udp:",
        "udp:14550",
        "udp:h:65536",
        "udp:::1:14550",
        "tcp:h/x:1",
        "tcp:h:1:2",
        "tcp:user@h:1",
        "tcp:h:1=a.b",
        "TCP:h:1",
        "serial:ttyUSB0:57600",
        "serial:/dev/tty USB0",
        "serial:/dev/ttyUSB0:1",
        "serial:/dev/ttyUSB0:99999999",
        "serial:/dev/ttyé",
        "serial:/" + "x" * 200,
        "serial:/dev/a:57600,serial:/dev/a:115200",
        "udp:h:1,udpin:h:1=other",
        "tcp:" + "h" * 200 + ":1",
    ],
)
def test_what_is_no_link_is_refused(text: str) -> None:
    """So are two of the same."""
    with pytest.raises(ValueError):  # noqa: PT011  (whose setting it is says the rest)
        links(text)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_links_or_refused(text: str) -> None:
    """What was read can be written again, and is the same then."""
    try:
        found = links(text)
    except ValueError:
        return
    for each in found:
        written = each.name if each.place else str(each.number)
        bauds = f":{each.number}" if each.scheme == "serial" else ""
        assert links(f"{written}{bauds}={each.entity}") == (each,)
