"""Units that a device names beside a value, which may be others than its name would mean."""

# What people write for the units that the catalogue's signals have (UCUM).
_WRITTEN: dict[str, str] = {
    "Cel": "c cel celsius degc °c",
    "m": "m meter meters metre metres",
    "m/s": "m/s mps ms-1 meters_per_second metres_per_second",
    "%": "% percent pct",
    "V": "v volt volts",
    "A": "a amp amps ampere amperes",
    "hPa": "hpa mbar mb millibar hectopascal",
    "mA.h": "mah",
    "rad": "rad radian radians",
}  # fmt: skip
_SAME: dict[str, frozenset[str]] = {
    unit: frozenset(words.split()) for unit, words in _WRITTEN.items()
}
_METRIC = frozenset(("metric", "si"))
_ENDS = ("_units", "_unit")
_ALONE = ("units", "unit", "unit_system")


def unit_of(path: str) -> str:
    """The path of the value whose unit stands there; with a dot behind, of all of a branch."""
    branch, _, leaf = path.rpartition(".")
    if leaf in _ALONE:
        return f"{branch}."
    return next((path.removesuffix(end) for end in _ENDS if leaf.endswith(end)), "")


def other(units: dict[str, str], path: str, unit: str) -> bool:
    """Whether a value is said to be in another unit than this.

    Args:
        units: what is said of units, by ``unit_of``.
        path: of the value.
        unit: of the signal that its name means. Degrees and counts are not asked for where
            one unit is said of many values.
    """
    said = units.get(path)
    if said is None:
        branch = path.rpartition(".")[0]
        said = units.get(f"{branch}.") if unit in _SAME else None
    word = (said or "").strip().lower()
    return bool(word) and word not in _METRIC and word not in _SAME.get(unit, ())
