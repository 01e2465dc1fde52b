"""People of an organisation, who of them may come in, and the admin who always stays."""

import threading
from contextlib import closing

import pytest
from serving import WoundClock

from web import people
from web.database import Tables
from web.people import People
from web.problems import Problem


@pytest.fixture
def tables(tmp_path):
    with closing(Tables(tmp_path / "db" / "constellation.db")) as tables:
        yield tables


@pytest.fixture
def known(tables):
    return People(tables, WoundClock().clock)


def added(known, role="admin", organization="north"):
    return known.add(organization, email="", name=f"A {role}", role=role).user_id


def status(act, *arguments):
    with pytest.raises(Problem) as problem:
        act(*arguments)
    return problem.value.status


@pytest.mark.parametrize("act", ["disable", "delete", "viewer", "commander"])
def test_the_last_admin_stays(known, act):
    """Until there is another who may sign in."""
    ana, bob = added(known), added(known)

    def do(user_id):
        if act in ("disable", "delete"):
            getattr(known, act)("north", user_id)
        else:
            known.give_role("north", user_id, act)

    added(known, "operator")
    added(known, organization="south")
    do(bob)

    assert status(do, ana) == 409
    assert known.find("north", ana).role == "admin"
    assert known.find("north", ana).disabled_at is None


def test_a_disabled_admin_is_no_other_admin(known):
    """They cannot sign in to put things right, but can be deleted themselves."""
    ana, bob = added(known), added(known)
    known.disable("north", bob)

    assert status(known.delete, "north", ana) == 409
    known.delete("north", bob)
    assert [each.user_id for each in known.all("north")] == [ana]


def test_of_two_who_take_each_others_role_one_stays(known):
    """However they come together."""
    ana, bob = added(known), added(known)
    for _ in range(20):
        for user_id in (ana, bob):
            known.give_role("north", user_id, "admin")
        refused = []

        def demote(user_id, refused=refused):
            try:
                known.give_role("north", user_id, "viewer")
            except Problem as problem:
                refused.append(problem.status)

        threads = [threading.Thread(target=demote, args=(each,)) for each in (ana, bob)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == [409]


@pytest.mark.parametrize("act", ["find", "disable", "enable", "delete"])
def test_somebody_of_another_organisation_is_nobody(known, act):
    """The answer is that for somebody who is not there at all."""
    added(known)
    theirs = added(known, "viewer", "south")

    for user_id in (theirs, "made-up"):
        assert status(getattr(known, act), "north", user_id) == 404
    assert known.find("south", theirs).disabled_at is None


def test_an_address_is_of_one_person_in_each_organisation(known):
    """Capitals make no other address."""
    address = people.email("Ana@Example.org")
    known.add("north", email=address, name="Ana", role="viewer")

    assert known.by_email("north", "ana@example.org").name == "Ana"
    with pytest.raises(Problem) as problem:
        known.add("north", email=address, name="Other", role="viewer")
    assert problem.value.status == 409
    known.add("south", email=address, name="Ana", role="viewer")


@pytest.mark.parametrize(
    "text", ["", "ana", "@x", "ana@", "a b@x", "ana@x\n", "a@b@c", "<a@b>", "x" * 65 + "@y"]
)
def test_what_is_no_address_is_refused(text):
    """Before it is kept or shown."""
    assert status(people.email, text) == 422


@pytest.mark.parametrize("text", ["", "x" * 101, "a\nb", "\u202eevil", "\x00"])
def test_what_cannot_be_shown_is_no_name(text):
    """Nor what is empty or too long."""
    assert status(people.name, text) == 422


def test_deleting_takes_everything_along(known, tables):
    """Sessions, passkeys and links: nothing is left that lets in."""
    added(known)
    bob = added(known, "viewer")
    for table in ("sessions", "sign_in_links"):
        tables.write(
            f"INSERT INTO {table} (token_hash, org_id, user_id, created_at) VALUES (?, ?, ?, 1)",
            ("x", "north", bob),
        )
    tables.write("INSERT INTO passkeys (credential_id, user_id) VALUES ('x', ?)", (bob,))

    known.delete("north", bob)

    for table in ("users", "sessions", "sign_in_links", "passkeys"):
        assert tables.read(f"SELECT * FROM {table} WHERE user_id = ?", (bob,)) == []


def test_a_link_finds_an_admin_or_makes_one(known):
    """Whoever may make links is never locked out."""
    first = known.first_admin("north")
    assert known.first_admin("north") == first

    second = added(known)
    known.disable("north", first.user_id)
    assert known.first_admin("north").user_id == second
