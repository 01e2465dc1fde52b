"""As much of the Unified Code for Units of Measure (case-sensitive, 2.1) as measuring needs."""

import re
from functools import cache

PREFIXES = (
    "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a",
    "z", "y",
)  # fmt: skip
BINARY = ("Ki", "Mi", "Gi", "Ti")
# Units that the table of UCUM calls metric: prefixes may stand before them.
METRIC = (
    "m", "s", "g", "rad", "K", "C", "cd", "mol", "sr", "Hz", "N", "Pa", "J", "W", "A", "V", "F",
    "Ohm", "S", "Wb", "Cel", "T", "H", "lm", "lx", "Bq", "Gy", "Sv", "l", "L", "ar", "t", "bar",
    "u", "eV", "pc", "G", "B", "B[V]", "B[W]", "bit", "By", "Bd", "kat",
)  # fmt: skip
PLAIN = (
    "10*", "10^", "[pi]", "%", "[ppth]", "[ppm]", "[ppb]", "deg", "gon", "'", "''", "min", "h", "d",
    "wk", "mo", "a", "[in_i]", "[ft_i]", "[yd_i]", "[mi_i]", "[nmi_i]", "[kn_i]", "[degF]", "[pH]",
    "m[H2O]", "m[Hg]", "[g]", "atm", "[lb_av]", "[oz_av]", "[psi]", "circ",
)  # fmt: skip
_EXPONENT = re.compile(r"(.*?)([+-]?\d+)?")


def is_unit(code: str) -> bool:
    """Whether a code is one of UCUM: terms with ``.`` and ``/`` between, brackets, exponents."""
    return code == "" or _term(code.removeprefix("/"))


@cache
def _term(code: str) -> bool:
    depth = 0
    for place in range(len(code) - 1, 0, -1):
        letter = code[place]
        depth += {")": 1, "(": -1}.get(letter, 0)
        if not depth and letter in "./" and not _within(code, place):
            return _term(code[:place]) and _component(code[place + 1 :])
    return _component(code)


def _within(code: str, place: int) -> bool:
    """Whether a place lies inside of square or curly brackets, where anything may stand."""
    before = code[:place]
    return before.count("[") > before.count("]") or before.count("{") > before.count("}")


def _component(code: str) -> bool:
    if re.fullmatch(r"\{[!-z|~]*\}", code):
        return True
    code = re.sub(r"\{[!-z|~]*\}$", "", code)
    if code.startswith("(") and code.endswith(")"):
        return _term(code[1:-1])
    if code.isdecimal():
        return True
    if _atom(code):
        return True
    unit, _ = _EXPONENT.fullmatch(code).groups()
    return _atom(unit)


def _atom(code: str) -> bool:
    if code in METRIC or code in PLAIN:
        return True
    prefixed = ((each, code.removeprefix(each)) for each in (*PREFIXES, *BINARY))
    return any(rest in METRIC for each, rest in prefixed if code != rest)
