"""Publications are written as the driver writes them, and nothing in them breaks a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.protocol.command import hpub_cmd, pub_cmd

from connectors.hpub import BadSubject, publication

TOKENS = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))


@given(TOKENS, TOKENS, st.binary(), st.dictionaries(NAMES, VALUES, min_size=1))
def test_it_is_written_as_the_driver_writes_it(
    subject: str, reply: str, data: bytes, headers: dict[str, str]
) -> None:
    """With headers, and without."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"NATS/1.0\r\n{lines}\r\n".encode()

    assert publication(subject, reply, data, headers) == hpub_cmd(subject, reply, head, data)
    assert publication(subject, reply, data, {}) == pub_cmd(subject, reply, data)


@pytest.mark.parametrize("subject", ["", "a b", "a\r\nPUB c  0", "a\tb", "a\n", "a\u00a0b", "a\vb"])
def test_what_would_say_something_else_is_no_subject(subject: str) -> None:
    """A line that ends before its time would begin another."""
    with pytest.raises(BadSubject, match="is no subject"):
        publication(subject, "r", b"", {})


def test_a_header_stays_on_its_line() -> None:
    """Whatever somebody's words have in them."""
    written = publication("s", "r", b"1", {"kind": "a\r\nNats-Rollup: all\r\n\r\nPUB b  0\r\n"})

    assert written.count(b"\r\n") == 5
    assert b"\r\nNats-Rollup" not in written
