"""The token that older programs share, where a deployment has chosen to take one."""

import os
import stat
from pathlib import Path

from flows.cli.deployment import Refused
from flows.ontology.settings import Settings

LEAST_LETTERS, MOST_LETTERS = 16, 72  # More than that bcrypt does not look at.
OTHERS = stat.S_IRWXG | stat.S_IRWXO
_VARIABLE, _FILE = "NATS_LEGACY_TOKEN", "NATS_LEGACY_TOKEN_FILE"


def token(settings: Settings) -> bytes:
    """The token; empty where none is taken.

    Raises:
        Refused: it cannot be read, others can read it, or it is too easily guessed. The
            sentence holds nothing of it.
    """
    named, text = _VARIABLE, settings.nats_legacy_token
    if settings.nats_legacy_token_file:
        named, text = _FILE, _read(Path(settings.nats_legacy_token_file))
    if not settings.legacy:
        return b""
    if not (LEAST_LETTERS <= len(text) <= MOST_LETTERS and text.isascii() and text.isprintable()):
        raise Refused(
            f"{named}: a token is {LEAST_LETTERS} to {MOST_LETTERS} letters, digits and signs of "
            "ASCII. `openssl rand -hex 24` makes a good one."
        )
    if " " in text:
        raise Refused(f"{named}: a token has no spaces in it.")
    return text.encode()


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            data = opened.read(4 * MOST_LETTERS)
    except OSError as error:
        raise Refused(f"{file} ({_FILE}) cannot be read: {error.strerror}.") from error
    if mode & OTHERS:
        raise Refused(
            f"{file} ({_FILE}) can be read by others: its mode is {stat.S_IMODE(mode):04o}. "
            f"Make it its owner's alone: chmod 600 {file}."
        )
    return data.decode(errors="replace").strip()
