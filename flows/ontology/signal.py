"""One signal: its path, its unit, what its values are and where they lie."""

from typing import Literal

import msgspec

# A code is a whole number that stands for something, as of an enumeration or a mask: it is
# compared, and never averaged.
Kind = Literal["number", "integer", "code", "flag", "text", "numbers"]
Value = float | int | bool | str | list[float]


class Signal(msgspec.Struct, frozen=True):
    """One leaf of the tree."""

    path: str
    unit: str
    kind: Kind
    low: float
    high: float
    description: str

    @property
    def branch(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def leaf(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def column(self) -> str:
        return self.path.replace(".", "_")

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.kind in ("integer", "code")

    def holds(self, value: Value) -> bool:
        """Whether a value is within the range; of a list, every one of them."""
        if isinstance(value, str):
            return self.kind == "text"
        if isinstance(value, list):
            return all(self.low <= each <= self.high for each in value)
        return self.low <= value <= self.high
