"""Publications as bytes: the lines ``PUB`` and ``HPUB`` of NATS' client protocol."""

from collections.abc import Mapping

HEADER_LINE = "NATS/1.0\r\n"
# What would end a line before its time, and with it begin another of anybody's making.
_NO_LINE = str.maketrans("\r\n", "  ")


class BadSubject(ValueError):
    """A subject that is empty, or has a space in it."""


def publication(subject: str, reply: str, data: bytes, headers: Mapping[str, str]) -> bytes:
    """One publication.

    Args:
        subject: where to say it.
        reply: where to answer.
        data: what is said.
        headers: lines before it; what would break a line in a value becomes a space.

    Raises:
        BadSubject: it cannot be said there.
    """
    if subject.split() != [subject]:
        raise BadSubject(f"{subject[:64]!r} is no subject")
    if not headers:
        return b"%b%b\r\n" % (f"PUB {subject} {reply} {len(data)}\r\n".encode(), data)
    lines = "".join([f"{name}: {_line(text)}\r\n" for name, text in headers.items()])
    head = f"{HEADER_LINE}{lines}\r\n".encode()
    line = f"HPUB {subject} {reply} {len(head)} {len(head) + len(data)}\r\n".encode()
    return b"%b%b%b\r\n" % (line, head, data)


def _line(text: str) -> str:
    # To look costs a hundredth of what replacing does.
    return text.translate(_NO_LINE) if "\r" in text or "\n" in text else text
