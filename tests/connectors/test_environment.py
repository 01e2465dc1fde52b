"""Variables come from the process and, under them, from one file."""

from pathlib import Path

import pytest

from connectors.environment import EnvironmentUnreadable, candidates, environment, environment_file


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch) -> Path:
    """A working folder and a home without any file."""
    for name in ("OVERWATCH_ENV_FILE", "OVERWATCH_HOME", "PORT", "HOST"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_there_is_the_process_alone(monkeypatch) -> None:
    """As it is."""
    monkeypatch.setenv("PORT", "81")
    assert environment_file() is None
    assert environment()["PORT"] == "81"


def test_the_process_is_right_where_both_know_a_variable(monkeypatch) -> None:
    """What only the file has is added."""
    write(Path(".env"), "PORT=80\nHOST=0.0.0.0\n")
    monkeypatch.setenv("PORT", "81")

    assert (environment()["PORT"], environment()["HOST"]) == ("81", "0.0.0.0")  # noqa: S104


def test_the_first_file_that_exists_is_the_only_one_read(elsewhere: Path, monkeypatch) -> None:
    """Beside us, then in OVERWATCH_HOME, then at home; one that is named is before all."""
    monkeypatch.setenv("OVERWATCH_HOME", str(elsewhere / "overwatch"))
    write(elsewhere / "home" / ".overwatch" / ".env", "PORT=3\nHOST=home")
    assert environment()["PORT"] == "3"
    write(elsewhere / "overwatch" / ".env", "PORT=2")
    assert environment()["PORT"] == "2"
    assert "HOST" not in environment()
    write(Path(".env"), "PORT=1")
    assert environment()["PORT"] == "1"
    monkeypatch.setenv("OVERWATCH_ENV_FILE", str(write(elsewhere / "named", "PORT=0")))
    assert environment()["PORT"] == "0"
    assert environment(write(elsewhere / "given", "PORT=9"))["PORT"] == "9"


def test_candidates_are_told() -> None:
    """In the order in which they are looked for."""
    assert candidates({"OVERWATCH_ENV_FILE": "/a"}) == (Path("/a"),)
    assert candidates({"OVERWATCH_HOME": "/b"})[:2] == (Path(".env"), Path("/b/.env"))
    assert candidates({})[1:] == (Path.home() / ".overwatch" / ".env",)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("PORT=a$b${HOME}", "a$b${HOME}"),
        ("PORT='a b'", "a b"),
        ('export PORT="x#y"', "x#y"),
        ("PORT=é", "é"),
        ("PORT=", ""),
    ],
)
def test_values_are_taken_as_they_are_written(line: str, value: str) -> None:
    """A secret with a dollar in it stays that secret."""
    write(Path(".env"), line)
    assert environment()["PORT"] == value


def test_a_file_that_was_named_has_to_be_there(elsewhere: Path, monkeypatch) -> None:
    """By an argument or by the variable; the message names it."""
    with pytest.raises(EnvironmentUnreadable, match=rf"no file {elsewhere}/none to read"):
        environment(elsewhere / "none")
    monkeypatch.setenv("OVERWATCH_ENV_FILE", str(elsewhere / "other"))
    with pytest.raises(EnvironmentUnreadable, match="other"):
        environment()


def test_a_file_that_is_no_text_is_named() -> None:
    """Before anything is made of it."""
    Path(".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(EnvironmentUnreadable, match=r"cannot be read from \.env"):
        environment()
