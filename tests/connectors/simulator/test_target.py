"""Where the fleet may talk to."""

import pytest

from connectors.simulator.target import Target, TargetRefused, target


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:14550", Target("127.0.0.1", 14550)),
        ("127.8.9.1:1", Target("127.8.9.1", 1)),
        ("[::1]:14550", Target("::1", 14550)),
    ],
)
def test_this_computer_may_be_talked_to(text, expected):
    """By either version of IP."""
    assert target(text, remote=False) == expected


@pytest.mark.parametrize("text", ["192.0.2.7:14550", "0.0.0.0:14550", "[2001:db8::1]:14550"])
def test_another_computer_is_refused_unless_it_is_allowed(text):
    """The sentence names the option that allows it."""
    with pytest.raises(TargetRefused, match=r"another computer.*--allow-remote"):
        target(text, remote=False)

    assert target(text, remote=True).port == 14550


@pytest.mark.parametrize(
    "text",
    ["", "14550", ":14550", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1",
     "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:¹", "999.1.1.1:5", "a..b:5"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    """With a sentence, whatever was typed."""
    with pytest.raises(TargetRefused):
        target(text, remote=True)


def test_a_port_each_must_leave_room_for_all_vehicles():
    """The last vehicle's port exists, too."""
    assert target("127.0.0.1:65528", remote=False, ports=8).port == 65_528
    with pytest.raises(TargetRefused, match="8 ports"):
        target("127.0.0.1:65529", remote=False, ports=8)
