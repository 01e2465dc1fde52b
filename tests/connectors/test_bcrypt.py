"""bcrypt, by hashes that other implementations have published."""

import pytest

from connectors.bcrypt import hashed

# Their alphabet, told once more.
LETTERS = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def salt_of(known: str) -> bytes:
    bits = "".join(f"{LETTERS.index(letter):06b}" for letter in known[7:29])
    return bytes(int(bits[at : at + 8], 2) for at in range(0, 128, 8))


@pytest.mark.parametrize(
    ("password", "known"),
    [
        (b"", "$2a$04$zVHmKQtGGQob.b/Nc7l9NO8UlrYcW05FiuCj/SxsFO/ZtiN9.mNzy"),
        (b"", "$2a$05$zVHmKQtGGQob.b/Nc7l9NOWES.1hkVBgy5IWImh9DOjKNU8atY4Iy"),
        (b"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        (b"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        (b"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        (b"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        (b"\xa3", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
    ],
)
def test_a_hash_is_the_one_that_others_make(password, known):
    """Version ``2b`` is ``2a`` without a fault that long passwords had."""
    assert hashed(password, salt_of(known), int(known[4:6]))[3:] == known[3:]


def test_no_two_hashes_of_a_password_are_alike():
    """Each has a salt of chance."""
    first, second = hashed(b"secret"), hashed(b"secret")
    assert first != second
    assert first[:7] == second[:7] == "$2b$04$"


@pytest.mark.parametrize("password", [b"a" * 73, b"a\0b"])
def test_a_password_that_would_be_cut_is_refused(password):
    """Rather than be good for less than it seems."""
    with pytest.raises(ValueError, match="72 bytes at most"):
        hashed(password)


def test_a_password_of_every_byte_counts():
    """Up to the seventy-second."""
    salt = bytes(16)
    assert hashed(b"a" * 71 + b"b", salt) != hashed(b"a" * 72, salt)
