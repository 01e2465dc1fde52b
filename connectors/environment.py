"""The environment of a deployment: the process's own, over one ``.env`` file."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

# Names a file that is to be read in place of the first one found; children inherit it.
FILE = "OVERWATCH_ENV_FILE"


class EnvironmentUnreadable(OSError):
    """A file that should hold settings cannot be read; the message names it and the next step."""


def candidates(variables: Mapping[str, str]) -> tuple[Path, ...]:
    """Where a ``.env`` is looked for, in this order. The first that exists is the only one read."""
    named = variables.get(FILE)
    if named:
        return (Path(named),)
    home = variables.get("OVERWATCH_HOME")
    return (
        Path(".env"),
        *([Path(home, ".env")] if home else []),
        Path.home() / ".overwatch" / ".env",
    )


def environment_file(path: Path | None = None) -> Path | None:
    """The ``.env`` file that counts: ``path`` if given, else the first found, else None.

    Raises:
        EnvironmentUnreadable: there is no such file as was named.
    """
    named = path or (Path(os.environ[FILE]) if os.environ.get(FILE) else None)
    if named is None:
        return next((each for each in candidates(os.environ) if each.is_file()), None)
    if not named.is_file():
        raise EnvironmentUnreadable(f"There is no file {named} to read settings from.")
    return named


def environment(path: Path | None = None) -> dict[str, str]:
    """The variables of this process, and under them those of a ``.env`` file.

    Values are taken as they are written, ``$`` included: a secret is never changed.

    Args:
        path: the file to read; else the first of ``./.env``, ``$OVERWATCH_HOME/.env`` and
            ``~/.overwatch/.env`` that exists.

    Raises:
        EnvironmentUnreadable: the file does not exist or cannot be read.
    """
    file = environment_file(path)
    if file is None:
        return dict(os.environ)
    try:
        written = dotenv_values(file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentUnreadable(f"Settings cannot be read from {file}: {error}.") from error
    return {name: text for name, text in written.items() if text is not None} | os.environ
