"""A key is taken from a file that is its owner's alone, and is never shown."""

import hashlib
from pathlib import Path

import pytest

from connectors.signing_key import KeyUnusable, read_key

KEY = hashlib.sha256(b"passphrase").digest()


def keyed(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    file = folder / "mavlink.key"
    file.write_bytes(data)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o400])
@pytest.mark.parametrize(
    "data", [KEY, KEY.hex().encode(), KEY.hex().upper().encode() + b"\r\n", b"\n" * 32]
)
def test_a_key_is_bytes_or_hexadecimal_digits(tmp_path, data, mode) -> None:
    """As ``sha256sum`` prints them, for one; whatever is 32 bytes long is a key as it is."""
    expected = data if len(data) == 32 else KEY
    assert read_key(keyed(tmp_path, data, mode)) == expected


@pytest.mark.parametrize(
    "data", [b"", b"secret", KEY[:31], KEY + b"\n", KEY.hex()[:-1].encode(), b"\xff" * 64]
)
def test_what_is_no_key_is_refused_without_being_shown(tmp_path, data) -> None:
    """The sentence names the file and the setting."""
    file = keyed(tmp_path, data)
    with pytest.raises(KeyUnusable, match="holds no key: it must be 32 bytes, or 64") as error:
        read_key(file)
    assert str(file) in str(error.value)
    assert "MAVLINK_SIGNING_KEY_FILE" in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
def test_a_key_that_others_can_read_is_none(tmp_path, mode) -> None:
    """The sentence says what to do."""
    file = keyed(tmp_path, KEY, mode)
    with pytest.raises(KeyUnusable, match=rf"its mode is 0{mode:o}\. .*chmod 600 {file}"):
        read_key(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path) -> None:
    """As a folder is."""
    for path, reason in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(KeyUnusable, match=f"{path} .* cannot be read: {reason}"):
            read_key(path)
