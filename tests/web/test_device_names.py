"""Sessions are told apart by what browsers say of themselves."""

import pytest

from web.devices import device

GECKO = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (GECKO, "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64) {BLINK} Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {BLINK} Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 15) {BLINK} Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) {WEBKIT} Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) {WEBKIT} Safari/605", "Safari on macOS"),
        ("curl/8.5.0", "curl"),
        ("something (Linux)", "Linux"),
        ("<script>", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_browser_is_named_with_its_system(header, words):
    """As people call them."""
    assert words == device(header)
