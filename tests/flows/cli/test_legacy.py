"""The token of older programs: off unless chosen, checked before anything starts, never told."""

import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from flows.cli import main, server
from flows.cli.deployment import Refused
from flows.cli.guests import known
from flows.cli.legacy import token
from flows.ontology.credentials import LEGACY
from flows.ontology.settings import SettingError, Settings
from flows.parts import DOOR, parts
from web.database import Tables

GOOD = "0123456789abcdef-0123456789abcdef"


def settings(folder, **variables):
    return Settings.read({"OVERWATCH_DATA_DIR": str(folder / "data"), **variables})


def file(folder, text, mode=0o600):
    made = folder / "token"
    made.write_text(text)
    made.chmod(mode)
    return {"NATS_LEGACY_TOKEN_FILE": str(made)}


def test_without_a_token_there_is_no_door_and_nobody_is_let_in(tmp_path):
    """As things are by default."""
    found = settings(tmp_path)

    assert token(found) == b""
    assert DOOR not in [part.name for part in parts(found)]
    assert LEGACY not in known(found)


def test_with_a_token_there_is_a_door_and_a_user(tmp_path):
    """From a variable or a file; the server keeps a hash, and no command line has it."""
    for given in ({"NATS_LEGACY_TOKEN": GOOD}, file(tmp_path, f"{GOOD}\n")):
        found = settings(tmp_path, **given)
        Tables(found.database).close()
        with closing(sqlite3.connect(found.database)) as database, database:
            database.execute("INSERT OR IGNORE INTO organizations (org_id) VALUES ('default')")
        server.set_up(found, known(found))
        text = (found.data_dir / "nats" / "nats.conf").read_text()

        assert token(found) == GOOD.encode()
        assert f'"user": "{LEGACY}"' in text
        assert GOOD not in text
        door = next(part for part in parts(found) if part.name == DOOR)
        assert door.listens == ("127.0.0.1", found.nats_legacy_port)
        assert GOOD not in " ".join(door.command)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("short", "a token is 16 to 72 letters"),
        ("", "a token is 16 to 72 letters"),
        ("x" * 73, "a token is 16 to 72 letters"),
        ("ü" * 20, "a token is 16 to 72 letters"),
        ("good enough but for spaces", "has no spaces"),
    ],
)
def test_a_token_that_is_none_is_refused_and_not_repeated(tmp_path, text, words):
    """What else it is may be a secret."""
    with pytest.raises(Refused, match=words) as told:
        token(settings(tmp_path, **file(tmp_path, text)))
    assert not text or text not in str(told.value)


def test_a_file_that_others_read_is_refused(tmp_path):
    """And one that is not there."""
    with pytest.raises(Refused, match="can be read by others: its mode is 0640"):
        token(settings(tmp_path, **file(tmp_path, GOOD, 0o640)))
    with pytest.raises(Refused, match="cannot be read: No such file"):
        token(settings(tmp_path, NATS_LEGACY_TOKEN_FILE="/none"))


@pytest.mark.parametrize(
    "other",
    [
        {"NATS_URL": "nats://127.0.0.1:9"},
        {"NATS_TLS_CERT": "a", "NATS_TLS_KEY": "b"},
        {"NATS_LEGACY_TOKEN_FILE": "/none"},
    ],
)
def test_what_does_not_go_together_with_a_token_is_named(tmp_path, other):
    """It would go in clear where everything else is encrypted, or to a server that is not ours."""
    with pytest.raises(SettingError, match=next(iter(other))) as told:
        settings(tmp_path, NATS_LEGACY_TOKEN=GOOD, **other)
    assert GOOD not in str(told.value)


def test_the_token_is_not_shown(tmp_path):
    """Where all settings are listed."""
    variables = {"NATS_LEGACY_TOKEN": GOOD, "OVERWATCH_DATA_DIR": str(tmp_path)}
    shown = CliRunner().invoke(main, ["settings"], env=variables)

    assert shown.exit_code == 0
    assert "(hidden)" in shown.output
    assert GOOD[:8] not in shown.output
