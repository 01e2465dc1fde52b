"""A deployment for measuring only: a folder of its own, free ports, and nobody's settings."""

import os
import socket
from pathlib import Path

from connectors.environment import FILE
from flows.ontology.settings import TABLE, Settings
from flows.parts import variables

NO_FILE = "none.env"


def environment(folder: Path) -> dict[str, str]:
    """The environment of such a deployment, which is made in ``folder``."""
    folder.mkdir(mode=0o700)
    # Else a .env that lies about would have a say.
    empty = folder / NO_FILE
    empty.touch()
    of_settings = {setting.variable for setting in TABLE.values()}
    inherited = {name: text for name, text in os.environ.items() if name not in of_settings}
    ours = {
        "OVERWATCH_DATA_DIR": str(folder / "data"),
        "PORT": str(_free(socket.SOCK_STREAM)),
        "NATS_PORT": str(_free(socket.SOCK_STREAM)),
        "MAVLINK_BASE_PORT": str(_free(socket.SOCK_DGRAM)),
        "LOG_LEVEL": "WARNING",
        # A limit, and nothing that is taken: commands by the ten thousand are to find room.
        "NATS_MAX_FILE_STORE": "32GiB",
    }
    given = inherited | ours
    return variables(Settings.read(given), given) | {FILE: str(empty)}


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
