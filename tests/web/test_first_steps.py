"""Who has no vehicle yet is told where to send MAVLink."""

from flows.ontology.settings import Settings
from web.first_steps import first_steps


def test_every_port_that_takes_mavlink_is_named() -> None:
    """As a vehicle has to write it; links that we open ourselves are not places to send to."""
    links = "14551=a,udp:192.0.2.1:14552,tcpin:::1:5760".replace(":::1:", ":[::1]:")
    links += ",tcp:192.0.2.7:5760,udpout:192.0.2.7:14550,serial:/dev/ttyUSB0"
    shown = str(first_steps(Settings.read({"MAVLINK_LINKS": links})))

    for address in ("udp:127.0.0.1:14550", "udp:127.0.0.1:14551", "udp:192.0.2.1:14552"):
        assert f"<code>{address}</code>" in shown
    assert "<code>tcp:[::1]:5760</code>" in shown
    assert "192.0.2.7" not in shown
    assert "ttyUSB0" not in shown


def test_receivers_are_told_where_there_are_any() -> None:
    """By their names; nobody is bothered with those that are not."""
    listed = {"AIS_RECEIVERS": "udp:10110", "ADSB_RECEIVERS": "tcp:radio:30005"}
    shown = str(first_steps(Settings.read(listed)))
    assert "<code>udp:127.0.0.1:10110</code> <code>tcp:radio:30005</code>" in shown
    assert "Ships and aircraft" not in str(first_steps(Settings.read({})))
