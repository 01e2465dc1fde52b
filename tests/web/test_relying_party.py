"""Where passkeys can be used, by the settings, and what is said where they cannot."""

import pytest
from starlette.requests import Request

from flows.ontology.settings import Settings
from web.relying_party import people_url, relying_party

NAMED = "https://overwatch.example"


@pytest.mark.parametrize(
    ("given", "host", "origin", "rp_id", "trouble"),
    [
        ({}, "localhost:8080", "http://localhost:8080", "localhost", ""),
        ({}, "127.0.0.1:8080", "http://localhost:8080", "localhost", "work at http://localhost"),
        ({"HOST": "::"}, "localhost:8080", "http://localhost:8080", "localhost", ""),
        ({"HOST": "::1"}, "[::1]:8080", "http://localhost:8080", "localhost", "and this is [::1]"),
        ({"PORT": "9000"}, "localhost:9000", "http://localhost:9000", "localhost", ""),
        ({"HOST": "10.0.0.7"}, "10.0.0.7:8080", "http://10.0.0.7:8080", "10.0.0.7", "a name"),
        ({"OVERWATCH_BASE_URL": NAMED}, "overwatch.example", NAMED, "overwatch.example", ""),
        ({"OVERWATCH_BASE_URL": NAMED + "/"}, "Overwatch.EXAMPLE", NAMED, "overwatch.example", ""),
        ({"OVERWATCH_BASE_URL": NAMED}, "localhost", NAMED, "overwatch.example", "this is"),
        (
            {"OVERWATCH_BASE_URL": "http://overwatch.example"},
            "overwatch.example",
            "http://overwatch.example",
            "overwatch.example",
            "need https",
        ),
        (
            {"OVERWATCH_BASE_URL": "https://a.example.org", "OVERWATCH_RPID": "example.org"},
            "a.example.org",
            "https://a.example.org",
            "example.org",
            "",
        ),
        (
            {"OVERWATCH_BASE_URL": "https://badexample.org", "OVERWATCH_RPID": "example.org"},
            "badexample.org",
            "https://badexample.org",
            "example.org",
            "is not in it",
        ),
    ],
)
def test_a_site_is_known_by_its_name(given, host, origin, rp_id, trouble):
    """On https, or on this machine; an address is none."""
    party = relying_party(Settings.read(given))
    request = Request({"type": "http", "headers": [(b"host", host.encode())]})

    assert (party.origin, party.rp_id) == (origin, rp_id)
    assert party.trouble(request) == "" if not trouble else trouble in party.trouble(request)


def test_links_lead_to_where_passkeys_work():
    """And to what the settings say, where they say it."""
    assert people_url(Settings.read({})) == "http://localhost:8080"
    assert people_url(Settings.read({"HOST": "192.168.0.4"})) == "http://192.168.0.4:8080"
    named = Settings.read({"OVERWATCH_BASE_URL": "http://127.0.0.1:9/"})
    assert people_url(named) == "http://127.0.0.1:9"
