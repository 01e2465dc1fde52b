"""Recordings of ships and an aircraft give what other decoders find in them.

They may lie beside the repository; tests of them are collected only then.
"""

import csv
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import rs1090
from bytewax.testing import run_main
from ends import NOON
from on_air import bits_of, taken
from recorded import SHARED

from connectors.jetstream import Message
from connectors.receivers.recorded import read_recording
from connectors.receivers.recording import RecordingSource
from flows.ontology.traffic import Listener
from flows.steps.cpr import metres

FILES = sorted((SHARED / "ais").glob("*")) if (SHARED / "ais").is_dir() else []
FLIGHTS = sorted((SHARED / "adsb").glob("*.csv")) if (SHARED / "adsb").is_dir() else []


def said(ends, path: Path) -> list[dict]:
    """What the flow makes of a file."""
    source = RecordingSource(path, "test", 0.0)
    heard = [each for each, _ in read_recording(path).items("log:x")]
    run_main(ends.traffic(heard, Listener("north", source.recording)))
    return [
        msgspec.json.decode(publication.data)
        for _, publication in ends.said
        if publication.subject.startswith("constellation.telemetry.")
    ]


def positions(path: Path) -> Iterator[dict[str, float | str]]:
    """Class A positions whose checksums are right, by nothing but the bits."""
    for line in path.read_text().splitlines():
        sentence = line.rpartition("\\")[2]
        if not sentence.startswith("!AIVDM,1,1,") or "*" not in sentence:
            continue
        body, _, given = sentence[1:].partition("*")
        parity = 0
        for letter in body:
            parity ^= ord(letter)
        if parity != int(given, 16):
            continue
        kind, _, mmsi, _, _, sog, _, lon, lat, cog, heading = taken(
            bits_of(body.split(",")[5]), 6, 2, 30, 4, -8, 10, 1, -28, -27, 12, 9
        )
        assert kind in (1, 2, 3)
        found = {
            "mmsi": f"{mmsi:09d}",
            "latitude": lat / 600_000,
            "longitude": lon / 600_000,
            "groundspeed": sog / 10 * 1852 / 3600,
            "course": cog / 10,
        }
        yield found | ({"heading": heading} if heading != 511 else {})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_ships_are_where_their_bits_say(ends, path) -> None:
    """In their order, with speed, course and heading."""
    found = [
        {
            "mmsi": each["data"]["ais"]["mmsi"],
            "latitude": each["data"]["position"]["global"]["latitude"],
            "longitude": each["data"]["position"]["global"]["longitude"],
            **each["data"]["position"]["gps"],
            **{
                name: value
                for name, value in each["data"]["position"]["global"].items()
                if name == "heading"
            },
        }
        for each in said(ends, path)
        if each["message_id"] in (1, 2, 3)
    ]
    expected = list(positions(path))
    assert found == [pytest.approx(each, abs=1e-6) for each in expected]
    assert len(found) > 3


def documents(ends, path: Path) -> dict[str, dict]:
    """The state documents that the entities flow makes of a file, by their names."""
    said(ends, path)
    messages = [
        Message("CONSTELLATION_TELEMETRY", each.subject, each.data, number, 2 * NOON)
        for number, (_, each) in enumerate(ends.said, 1)
        if each.subject.startswith("constellation.telemetry.")
    ]
    run_main(ends.entities(messages))
    return {(last := ends.last(key))["name"]: last for key in {key for key, _ in ends.bucket}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_document_of_a_ship_has_what_its_last_bits_say(ends, path) -> None:
    """By the names of the canonical document."""
    found = documents(ends, path)
    for last in {each["mmsi"]: each for each in positions(path)}.values():
        document = found[f"MMSI {last['mmsi']}"]
        # Numbers that begin with two zeros are those of coast stations.
        coast = str(last["mmsi"]).startswith("00")
        assert document["entity_type"] == ("sensor_platform" if coast else "surface_vessel_usv")
        assert document["recorded"] is True
        assert document["ais"]["mmsi"] == last["mmsi"]
        place, gps = document["position"]["global"], document["position"]["gps"]
        assert place["latitude"] == pytest.approx(last["latitude"], abs=1e-6)
        assert place["longitude"] == pytest.approx(last["longitude"], abs=1e-6)
        assert gps["groundspeed"] == pytest.approx(last["groundspeed"], abs=1e-6)
        assert gps["course"] == pytest.approx(last["course"], abs=1e-6)
        assert place.get("heading") == last.get("heading")


@pytest.mark.parametrize("path", FLIGHTS, ids=lambda path: path.name)
def test_the_document_of_an_aircraft_has_what_its_last_frames_say(ends, path) -> None:
    """As another decoder reads them."""
    rows = list(csv.reader(path.read_text().splitlines()))
    decoded = rs1090.decode([row[1] for row in rows], [float(row[0]) for row in rows])
    place = [each for each in decoded if each.get("latitude") is not None][-1]
    height = [each for each in decoded if each["bds"] == "05"][-1]
    motion = [each for each in decoded if each["bds"] == "09"][-1]
    (document,) = documents(ends, path).values()

    assert (document["name"], document["entity_type"]) == ("EZY85MH", "aircraft_fixed_wing")
    assert document["adsb"]["icao"] == "406b90"
    assert document["adsb"]["callsign"] == "EZY85MH"
    assert document["adsb"]["on_ground"] is False
    here = (
        document["position"]["global"]["latitude"],
        document["position"]["global"]["longitude"],
    )
    assert metres(here, (place["latitude"], place["longitude"])) < 2000
    pressure, geometric = (document["adsb"]["altitude"][each] for each in ("pressure", "geometric"))
    assert pressure == pytest.approx(height["altitude"] * 0.3048)
    assert geometric - pressure == pytest.approx(motion["geo_minus_baro"] * 0.3048, abs=20)
    gps = document["position"]["gps"]
    assert gps["groundspeed"] == pytest.approx(motion["groundspeed"] * 1852 / 3600)
    assert gps["course"] == pytest.approx(motion["track"])
    climb = document["vfr"]["climb_rate"]
    assert climb == pytest.approx(motion["vertical_rate"] * 0.3048 / 60)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_names_of_ships_are_those_that_they_say(ends, path) -> None:
    """As the authors of the files know them."""
    names = {each["entity_name"] for each in said(ends, path) if each["message_id"] == 5}
    assert names == {
        "pyais_gatehouse.nmea": set(),
        "pyais_mixed.txt": {"EVER DIADEM", "MARE ISLAND"},
        "pyais_sample.ais": {"MARE ISLAND"},
    }.get(path.name, names)


@pytest.mark.parametrize("path", FLIGHTS, ids=lambda path: path.name)
def test_an_aircraft_is_where_another_decoder_finds_it(ends, path) -> None:
    """Each place that it finds, to a centimetre; some more are found, on the same way."""
    rows = list(csv.reader(path.read_text().splitlines()))
    times = [float(row[0]) for row in rows]
    decoded = rs1090.decode([row[1] for row in rows], times)
    found = said(ends, path)

    assert len(found) == len(rows)
    assert {each["data"]["adsb"]["icao"] for each in found} == {"406b90"}
    told = 0
    for ours, theirs in zip(found, decoded, strict=True):
        place = ours["data"].get("position", {}).get("global")
        if place:
            told += 1
        if theirs.get("latitude") is not None:
            assert place, theirs
            there = (theirs["latitude"], theirs["longitude"])
            assert metres((place["latitude"], place["longitude"]), there) < 0.01
    # Four halves come before the first of the other kind.
    assert told == sum(each["bds"] == "05" for each in decoded) - 4


@pytest.mark.parametrize("path", FLIGHTS, ids=lambda path: path.name)
def test_an_aircraft_flies_as_it_is_known_to(ends, path) -> None:
    """EZY85MH at flight level 360 by 51.1484, 7.2279, and never by leaps."""
    found = [each for each in said(ends, path) if "position" in each["data"]]
    places = [
        (
            each["data"]["position"]["global"]["latitude"],
            each["data"]["position"]["global"]["longitude"],
        )
        for each in found
        if "global" in each["data"]["position"]
    ]
    assert min(metres(each, (51.1484, 7.2279)) for each in places) < 10
    assert max(metres(*pair) for pair in pairwise(places)) < 10_000
    names = {each["entity_name"] for each in found}
    assert names <= {"ICAO 406B90", "EZY85MH"}
    assert "EZY85MH" in names
    levels = {
        round(each["data"]["adsb"]["altitude"]["pressure"] / 0.3048)
        for each in found
        if "pressure" in each["data"].get("adsb", {}).get("altitude", {})
    }
    assert 36_000 in levels
