"""Passkeys are believed for what they sign, once, here and in time, and for nothing else."""

import copy
from contextlib import closing, suppress

import msgspec
import pytest
from authenticator import Authenticator, base64url
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import WoundClock

from web.ceremonies import Ceremonies
from web.challenges import LIFE_SECONDS
from web.database import Tables
from web.passkeys import MOST_PASSKEYS, Passkeys
from web.people import People
from web.problems import Problem
from web.relying_party import RelyingParty

ORIGIN = "http://localhost:8080"
PARTY = RelyingParty("localhost", ORIGIN, "")
SESSION = "a-session"


class Place:
    """People, their passkeys, and a clock that can be wound."""

    def __init__(self, folder):
        self.wound = WoundClock()
        clock = self.wound.clock
        self.tables = Tables(folder / "db" / "constellation.db")
        self.people = People(self.tables, clock)
        self.passkeys = Passkeys(self.tables, clock)
        self.ceremonies = Ceremonies(self.passkeys, PARTY, clock)
        self.ana = self.people.add("north", email="ana@example.org", name="Ana", role="admin")

    def options(self):
        return msgspec.json.decode(self.ceremonies.begin_registration(self.ana, SESSION))

    def asked(self):
        return msgspec.json.decode(self.ceremonies.begin_login())

    def added(self, **more):
        """An authenticator whose passkey is Ana's."""
        made = Authenticator(ORIGIN, **more)
        credential = made.create(self.options())
        self.ceremonies.finish_registration(self.ana, SESSION, credential, "Laptop")
        return made

    def refused(self, credential):
        """What somebody is told who is not let in."""
        with pytest.raises(Problem) as refusal:
            self.ceremonies.finish_login(credential)
        return refusal.value.status, refusal.value.detail


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    with closing(place.tables):
        yield place


def test_a_passkey_that_was_added_lets_in(place):
    """As whoever has added it, without saying who they are."""
    authenticator = place.added()

    passkey = place.ceremonies.finish_login(authenticator.get(place.asked()))

    assert (passkey.user_id, passkey.name) == (place.ana.user_id, "Laptop")
    (kept,) = place.passkeys.of(place.ana.user_id)
    assert (kept.transports, kept.sign_count) == ("internal", 1)
    assert kept.last_used_at is not None


def test_what_is_asked_for_is_a_passkey_that_knows_its_user(place):
    """One that can sign in without a name, for this site, and none that there is already."""
    authenticator = place.added()

    options = place.options()

    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert [each["id"] for each in options["excludeCredentials"]] == [authenticator.id]
    assert place.asked().get("allowCredentials", []) == []


def test_an_answer_is_good_once(place):
    """Whoever has listened in cannot use it again."""
    answer = place.added(counts=False).get(place.asked())

    place.ceremonies.finish_login(answer)

    assert place.refused(answer)[0] == 401


def test_an_authenticator_that_does_not_count_lets_in_again(place):
    """Passkeys that several devices share have no count."""
    authenticator = place.added(counts=False)

    for _ in range(3):
        place.ceremonies.finish_login(authenticator.get(place.asked()))


def test_a_copied_authenticator_is_noticed(place):
    """Its count is behind that of the other."""
    authenticator = place.added()
    copied = copy.copy(authenticator)
    for _ in range(2):
        place.ceremonies.finish_login(authenticator.get(place.asked()))

    assert place.refused(copied.get(place.asked()))[0] == 401


def foreign_origin(place, authenticator):
    authenticator.origin = "https://evil.example"
    return authenticator.get(place.asked())


def foreign_site(place, authenticator):
    authenticator.rp_id = "evil.example"
    return authenticator.get(place.asked())


def too_late(place, authenticator):
    answer = authenticator.get(place.asked())
    place.wound.ahead = LIFE_SECONDS + 1
    return answer


def made_up_challenge(_place, authenticator):
    return authenticator.get({"challenge": base64url(b"x" * 32)})


def challenge_of_a_registration(place, authenticator):
    return authenticator.get({"challenge": place.options()["challenge"]})


def foreign_signature(place, authenticator):
    other = Authenticator(ORIGIN, credential_id=authenticator.credential_id)
    other.user_handle, other.count = authenticator.user_handle, 100
    return other.get(place.asked())


def another_user(place, authenticator):
    authenticator.user_handle = base64url(b"somebody else")
    return authenticator.get(place.asked())


def no_user(place, authenticator):
    authenticator.user_handle = None
    return authenticator.get(place.asked())


def unknown_passkey(place, authenticator):
    stranger = Authenticator(ORIGIN)
    stranger.user_handle = authenticator.user_handle
    return stranger.get(place.asked())


def disabled_user(place, authenticator):
    place.people.add("north", email="", name="Another", role="admin")
    place.people.disable("north", place.ana.user_id)
    return authenticator.get(place.asked())


def removed_passkey(place, authenticator):
    place.passkeys.remove(place.ana.user_id, authenticator.id, even_the_last=True)
    return authenticator.get(place.asked())


def test_whatever_is_wrong_is_told_the_same(tmp_path):
    """Nobody learns who is known here, or what was wrong."""
    wrong = (
        foreign_origin, foreign_site, too_late, made_up_challenge, challenge_of_a_registration,
        foreign_signature, another_user, no_user, unknown_passkey, disabled_user, removed_passkey,
    )  # fmt: skip
    for each in wrong:
        place = Place(tmp_path / each.__name__)
        with closing(place.tables):
            told = place.refused(each(place, place.added()))
            assert told == (401, "This passkey does not let you in."), each.__name__


@pytest.mark.parametrize("session", ["another-session", ""])
def test_a_registration_is_finished_by_the_session_that_began_it(place, session):
    """And by no other."""
    credential = Authenticator(ORIGIN).create(place.options())

    with pytest.raises(Problem) as refusal:
        place.ceremonies.finish_registration(place.ana, session, credential, "Mine")

    assert refusal.value.status == 400
    assert place.passkeys.of(place.ana.user_id) == []


def test_a_passkey_of_somebody_is_not_taken_by_another(place):
    """Its identifier is in use."""
    authenticator = place.added()
    other = place.people.add("north", email="", name="Other", role="viewer")
    options = msgspec.json.decode(place.ceremonies.begin_registration(other, SESSION))

    with pytest.raises(Problem) as refusal:
        place.ceremonies.finish_registration(other, SESSION, authenticator.create(options), "x")

    assert refusal.value.status == 409
    assert place.passkeys.usable(authenticator.id).user_id == place.ana.user_id


def test_passkeys_of_one_person_are_bounded(place):
    """Nobody fills the database with them."""
    for _ in range(MOST_PASSKEYS):
        place.added()

    with pytest.raises(Problem) as refusal:
        place.added()

    assert refusal.value.status == 409


def test_the_last_passkey_stays_unless_it_may_go(place):
    """Where it is the only way in."""
    first, second = place.added(), place.added()
    place.passkeys.remove(place.ana.user_id, first.id, even_the_last=False)
    with pytest.raises(Problem) as last:
        place.passkeys.remove(place.ana.user_id, second.id, even_the_last=False)
    with pytest.raises(Problem) as gone:
        place.passkeys.remove(place.ana.user_id, first.id, even_the_last=False)

    assert (last.value.status, gone.value.status) == (409, 404)
    place.passkeys.remove(place.ana.user_id, second.id, even_the_last=True)
    assert place.passkeys.of(place.ana.user_id) == []


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(), LEAVES, max_size=3)
PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_answers_are_refused_and_break_nothing(place, data):
    """Any part of an answer may be anything: other JSON, or other bytes."""
    hostile = JSON | st.binary(max_size=80).map(base64url)
    login = Authenticator(ORIGIN).get(place.asked())
    made = Authenticator(ORIGIN).create(place.options())
    for credential in (login, made):
        for name in data.draw(st.sets(st.sampled_from(PARTS), min_size=1)):
            credential["response"][name] = data.draw(hostile)
        for name in data.draw(st.sets(st.sampled_from(tuple(credential)))):
            credential[name] = data.draw(hostile)

    assert place.refused(login)[0] == 401
    with suppress(Problem):
        place.ceremonies.finish_registration(place.ana, SESSION, made, "x")


@given(cut=st.integers(0, 200), byte=st.integers(0, 255))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_attestations_are_refused_and_break_nothing(place, cut, byte):
    """Each byte of it may be another."""
    made = Authenticator(ORIGIN).create(place.options())
    text = made["response"]["attestationObject"]
    damaged = bytearray(text.encode())
    damaged[cut % len(damaged)] = byte
    made["response"]["attestationObject"] = damaged.decode("latin-1")
    with suppress(Problem):
        place.ceremonies.finish_registration(place.ana, SESSION, made, "x")
