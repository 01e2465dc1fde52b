"""Units of the catalogue are codes of UCUM, which programs of others can read."""

import pytest
from ucum import is_unit

from flows.ontology.signals import FAMILIES, SIGNALS


@pytest.mark.parametrize("unit", sorted({each.unit for each in (*SIGNALS, *FAMILIES)}))
def test_a_unit_of_the_catalogue_is_a_code_of_ucum(unit):
    """Case counts there."""
    assert is_unit(unit)


@pytest.mark.parametrize(
    "code",
    [
        "1", "m", "m/s", "m.s-1", "m/s2", "mA.h", "Cel", "%", "hPa", "MiBy", "deg/min", "cm2",
        "uSv/h", "[ft_i]", "[kn_i]", "rad/s", "dB", "10*3", "kg.m2/s2", "(m/s)/h", "/min",
        "m{above_sea}", "{count}", "kW.h", "[ppm]",
    ],
)  # fmt: skip
def test_what_ucum_has_is_a_unit(code):
    """Codes of the examples of its own tables."""
    assert is_unit(code)


@pytest.mark.parametrize(
    "code",
    [
        "C/", "degC", "°C", "celsius", "mAh", "kmh", "km/hour", "sec", "msec", "m^2", "m/s/", "..",
        "kdeg", "kmin", "m s", "Mib", "volt", "µs", "RAD", "percent", "k", "mm.",
    ],
)  # fmt: skip
def test_what_people_write_for_a_unit_is_none(code):
    """A test of units that lets everything pass is none."""
    assert not is_unit(code)
