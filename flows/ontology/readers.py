"""Texts of settings read as values: ValueError, KeyError or OverflowError where they are none."""

from collections.abc import Callable

from flows.ontology.subjects import is_token


def text(text: str) -> str:
    return text


def choice(*options: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in options:
            raise ValueError(text)
        return text

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not low <= float(text) <= high:
            raise ValueError(text)
        return float(text)

    return read


_UNITS = {"": 1, "B": 1, "K": 2**10, "KIB": 2**10, "M": 2**20, "MIB": 2**20, "G": 2**30}
_UNITS |= {"GIB": 2**30, "T": 2**40, "TIB": 2**40}
_UNITS |= {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def size(text: str) -> int:
    number = text.rstrip("BKMGTibkmgt ")
    size = int(float(number) * _UNITS[text[len(number) :].strip().upper()])
    if size <= 0:
        raise ValueError(text)
    return size


def token(text: str) -> str:
    if not is_token(text):
        raise ValueError(text)
    return text


def url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and not text.startswith(schemes):
            raise ValueError(text)
        return text

    return read
