"""Names of devices become paths of one spelling."""

import pytest

from flows.steps.paths import MOST_LETTERS, MOST_LEVELS, below, spelled


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("temperature", ("temperature",)),
        ("batteryLevel", ("battery_level",)),
        ("Battery Level", ("battery_level",)),
        ("GPSLat", ("gps_lat",)),
        ("lat_E7", ("lat_e7",)),
        ("CO2-ppm", ("co2-ppm",)),
        ("temp (°C)", ("temp_c",)),
        ("température", ("temperature",)),
        ("te\u0301mp", ("temp",)),
        ("\u6e29\u5ea6", ("u6e29u5ea6",)),
        ("gps.lat", ("gps", "lat")),
        ("PM2.5", ("pm2_5",)),
        ("a..b", ("a", "_", "b")),
        ("a__b_-_c", ("a_b_-_c",)),
        ("", ("_",)),
        ("***", ("_",)),
        ("<b>'\";", ("b",)),
    ],
)
def test_names_have_one_spelling(name: str, parts: tuple[str, ...]) -> None:
    """Of letters that a path, a column and a page can have."""
    assert spelled(name) == parts


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("", "a", "a"),
        ("a", "b", "a.b"),
        ("a", "b.c", "a.b.c"),
        ("a", "", "a._"),
        ("a", "x" * MOST_LETTERS, "a." + "x" * MOST_LETTERS),
        (".".join("a" * (MOST_LEVELS - 1)), "b", ".".join("a" * (MOST_LEVELS - 1)) + ".b"),
    ],
)
def test_a_name_below_a_path_is_a_path(path, name, expected) -> None:
    """Within the bounds."""
    assert below(path, name) == (expected, "", False)


@pytest.mark.parametrize(
    ("path", "name", "reason"),
    [
        ("a", "x" * (MOST_LETTERS + 1), "has a name of more than 48 letters"),
        (".".join("a" * MOST_LEVELS), "b", "has more than 8 levels"),
        ("a", ".".join("b" * MOST_LEVELS), "has more than 8 levels"),
    ],
)
def test_a_path_beyond_them_is_none(path, name, reason) -> None:
    """And says why."""
    assert below(path, name).path == ""
    assert reason in below(path, name).reason


def test_a_wrapper_is_one_by_any_spelling() -> None:
    """Alone, and not as a part of a longer name."""
    wrappers = ["data", "Payload", "decodedPayload", "VALUES", "data.x", "database"]
    assert [below("", each).wrapper for each in wrappers] == [True] * 4 + [False] * 2
