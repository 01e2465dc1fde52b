"""Texts of settings read as values: ValueError, KeyError or OverflowError where they are none."""

from collections.abc import Callable

import msgspec

from flows.ontology.subjects import is_token


class Link(msgspec.Struct, frozen=True):
    """A UDP port that vehicles speak to. With a name, whatever speaks there is that entity."""

    port: int
    entity: str = ""


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


def links(text: str) -> tuple[Link, ...]:
    links = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        port, _, entity = item.partition("=")
        links.append(Link(whole(1, 65535)(port), token(entity) if entity else ""))
    if len({link.port for link in links}) < len(links):
        raise ValueError(text)
    return tuple(links)


def url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and not text.startswith(schemes):
            raise ValueError(text)
        return text

    return read
