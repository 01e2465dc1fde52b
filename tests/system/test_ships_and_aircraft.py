"""What receivers hear reaches a whole deployment: the map, the registry, the lake."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from deployed import deployment
from deployment import Observed, until
from free import free_port
from on_air import EVEN, EVER_DIADEM, KLM1023, MOORED, ODD, beast

HOST = "127.0.0.1"
SECONDS = 60.0


class Receivers(Observed):
    """A deployment that hears one receiver of each kind."""

    def port(self, variable: str, place: int = 0) -> int:
        return int(self.environment[variable].split(",")[place].rpartition(":")[2])

    def named(self, name: str) -> dict:
        """The document of the entity that the registry calls so, or nothing."""
        rows = [each for each in self.registry().values() if each["name"] == name]
        return self.states().get(rows[0]["entity_id"], {}) if rows else {}


@pytest.fixture(scope="module")
def receivers(tmp_path_factory) -> Iterator[Receivers]:
    more = {
        "AIS_RECEIVERS": f"udp:{free_port()}",
        "ADSB_RECEIVERS": f"beast:tcp:{HOST}:{free_port()}, tcpin:{free_port()}",
        "OVERWATCH_SNAPSHOT_SECONDS": "1",
    }
    with deployment(tmp_path_factory.mktemp("receivers"), **more) as running:
        yield Receivers(**vars(running))


@contextmanager
def saying(say: Callable[[], object]) -> Iterator[None]:
    """Say it again and again for as long as the block lasts, as whoever moves does."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.1):
            with suppress(OSError):
                say()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_ship_appears_with_its_name_place_and_voyage(receivers) -> None:
    """Though its sentences come between those that are harmed."""
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.connect((HOST, receivers.port("AIS_RECEIVERS")))
        noise = MOORED.replace(b"177K", b"177L")
        whole = b"\r\n".join((b"junk", noise, *EVER_DIADEM, MOORED))
        with saying(lambda: sender.send(whole)):
            until(lambda: receivers.named("EVER DIADEM"), SECONDS, "the ship with a name")
            until(lambda: receivers.named("MMSI 477553000"), SECONDS, "the ship with a place")

    static, moored = receivers.named("EVER DIADEM"), receivers.named("MMSI 477553000")
    assert static["entity_type"] == moored["entity_type"] == "surface_vessel_usv"
    assert static["ais"]["voyage"]["destination"] == "NEW YORK"
    assert static["ais"]["vessel"]["imo"] == 9134270
    assert moored["position"]["global"]["latitude"] == 47.582833
    assert moored["ais"]["mmsi"] == "477553000"
    assert moored["ais"]["navigation_status"] == "moored"
    until(
        lambda: (
            {"not NMEA (1)", "a checksum is wrong (1)"}
            <= {each["reason"] for each in receivers.rejections() if each["flow"] == "traffic"}
        ),
        SECONDS,
        "the refusals",
    )


def test_aircraft_appear_by_a_receiver_that_comes_and_goes(receivers) -> None:
    """The place is right as soon as two halves have come, and it is all in the lake."""
    where = (HOST, receivers.port("ADSB_RECEIVERS"))
    frames = b"".join(beast(bytes.fromhex(each)) for each in (ODD, EVEN, KLM1023))
    for name in ("KLM1023", "ICAO 40621D"):
        with socket.create_server(where) as listener:
            listener.settimeout(SECONDS)
            with listener.accept()[0] as radio, saying(lambda: radio.sendall(frames)):
                until(lambda: receivers.named(name), SECONDS, name)  # noqa: B023

    aircraft = receivers.named("ICAO 40621D")
    place = aircraft["position"]["global"]
    assert aircraft["entity_type"] == "aircraft_fixed_wing"
    assert (place["latitude"], place["longitude"]) in (
        (pytest.approx(52.2572, abs=1e-4), pytest.approx(3.91937, abs=1e-4)),
        (pytest.approx(52.26578, abs=1e-4), pytest.approx(3.93891, abs=1e-4)),
    )
    assert aircraft["adsb"]["altitude"]["pressure"] == pytest.approx(11_582.4)
    sql = (
        "SELECT DISTINCT adsb_icao, adsb_altitude_pressure FROM telemetry "
        "WHERE entity_id = ? AND position_global_latitude IS NOT NULL"
    )
    rows = until(
        lambda: receivers.ask(sql, aircraft["entity_id"]), SECONDS, "the aircraft in the lake"
    )
    assert rows == [("40621d", pytest.approx(11_582.4))]


def test_an_emergency_is_seen_by_who_calls_us(receivers) -> None:
    """In rows of SBS; a code of digits stays one."""
    row = (
        b"MSG,6,1,1,4CA2D6,1,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,"
        b",35000,,,,,,7700,-1,-1,0,0\r\n"
    )
    with (
        socket.create_connection((HOST, receivers.port("ADSB_RECEIVERS", 1))) as caller,
        saying(lambda: caller.sendall(row)),
    ):
        until(lambda: receivers.named("ICAO 4CA2D6"), SECONDS, "the aircraft")

    found = receivers.named("ICAO 4CA2D6")["adsb"]
    assert (found["squawk"], found["emergency"]) == ("7700", "general")
    assert found["on_ground"] is False


def test_the_traffic_flow_is_a_part_as_every_other(receivers) -> None:
    """Told by the health page; killed, it comes back and hears again."""
    until(receivers.healthy, SECONDS, "health")
    report = json.loads(receivers.get("/health")[1])
    assert "traffic" in {each["part"] for each in report["parts"] if each["state"] == "running"}
    before = receivers.parts()["traffic"]["pid"]
    assert receivers.kill("traffic")
    until(
        lambda: receivers.parts()["traffic"].get("pid") not in (None, before),
        SECONDS,
        "another process",
    )
    last = receivers.stream_last()
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.connect((HOST, receivers.port("AIS_RECEIVERS")))
        with saying(lambda: sender.send(MOORED)):
            until(lambda: receivers.stream_last() > last, SECONDS, "a ship after the crash")


def test_a_file_of_what_was_heard_is_played(receivers, tmp_path) -> None:
    """It never speaks for the ship that sails today; a vehicle's name is none of its."""
    file = tmp_path / "harbour.nmea"
    file.write_bytes(b"\r\n".join((*EVER_DIADEM, MOORED)))
    told = receivers.run("replay", str(file), "--speed", "0")
    assert told.returncode == 0, told.stderr

    def recorded() -> dict:
        found = (
            each
            for each in receivers.states().values()
            if each.get("recorded") and each["name"] == "EVER DIADEM"
        )
        return next(found, {})

    until(recorded, SECONDS, "the ship of the file")
    refused = receivers.run("replay", str(file), "--entity", "tern")
    assert refused.returncode == 2
    assert "leave --entity" in refused.stderr
    nothing = tmp_path / "nothing.ais"
    nothing.write_bytes(b"hello\n")
    refused = receivers.run("replay", str(nothing))
    assert refused.returncode == 1
    assert "holds no messages of ships (NMEA) or aircraft (SBS, AVR, Beast)." in refused.stderr
