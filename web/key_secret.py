"""What API keys are hashed with: the setting, or a secret made once beside the database."""

import os
import secrets
from pathlib import Path

from flows.ontology.settings import Settings


def hash_secret(settings: Settings) -> bytes:
    if settings.key_hash_secret:
        return settings.key_hash_secret.encode()
    path = settings.database.with_name("key-hash-secret")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _write_once(path, secrets.token_hex(32).encode())
    return path.read_bytes()


def _write_once(path: Path, secret: bytes) -> None:
    """Whole or not at all, and the first of two writers wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
