"""bcrypt, as the message server checks passwords by it: Python has none of its own.

Made for passwords of chance and full length, which nobody guesses however quick a try is;
so the least cost will do, and the server need not work long at each connection.
"""

import base64
import itertools
import secrets
from collections.abc import Iterator
from functools import lru_cache

LEAST_COST = 4
SALT_BYTES = 16
MOST_PASSWORD_BYTES = 72
_WORD = 0xFFFFFFFF
_ROUNDS = 16
_BOXES, _BOX_WORDS = 4, 256
_TEXT = b"OrpheanBeholderScryDoubt"
_ORDINARY = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_THEIRS = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LETTERS = bytes.maketrans(_ORDINARY, _THEIRS)


def hashed(password: bytes, salt: bytes = b"", cost: int = LEAST_COST) -> str:
    """The hash of a password, with a salt of chance if none is given.

    Raises:
        ValueError: a password that is longer than bcrypt looks at, or has a zero in it.
    """
    if len(password) > MOST_PASSWORD_BYTES or b"\0" in password:
        raise ValueError(f"A password has {MOST_PASSWORD_BYTES} bytes at most, and no zero.")
    salt = salt or secrets.token_bytes(SALT_BYTES)
    cipher = _Blowfish()
    key = (password + b"\0")[:MOST_PASSWORD_BYTES]
    cipher.expand(key, salt)
    for _ in range(2**cost):
        cipher.expand(key)
        cipher.expand(salt)
    text = [int.from_bytes(_TEXT[at : at + 4]) for at in range(0, len(_TEXT), 4)]
    for at in range(0, len(text), 2):
        for _ in range(64):
            text[at], text[at + 1] = cipher.encrypt(text[at], text[at + 1])
    # The last byte was once forgotten, and is left out ever since.
    digest = b"".join(word.to_bytes(4) for word in text)[:-1]
    return f"$2b${cost:02}${_encoded(salt)}{_encoded(digest)}"


class _Blowfish:
    def __init__(self) -> None:
        words = list(_pi())
        self._keys = words[: _ROUNDS + 2]
        boxes = words[_ROUNDS + 2 :]
        self._boxes = [boxes[at : at + _BOX_WORDS] for at in range(0, len(boxes), _BOX_WORDS)]

    def expand(self, key: bytes, salt: bytes = bytes(SALT_BYTES)) -> None:
        """Mix a key into the state, and with it a salt."""
        for at, word in zip(range(_ROUNDS + 2), _words(key), strict=False):
            self._keys[at] ^= word
        left = right = 0
        salted = _words(salt)
        for words in (self._keys, *self._boxes):
            for at in range(0, len(words), 2):
                left, right = self.encrypt(left ^ next(salted), right ^ next(salted))
                words[at], words[at + 1] = left, right

    def encrypt(self, left: int, right: int) -> tuple[int, int]:
        first, second, third, fourth = self._boxes
        keys = self._keys
        for at in range(_ROUNDS):
            left ^= keys[at]
            mixed = (first[left >> 24] + second[left >> 16 & 255]) ^ third[left >> 8 & 255]
            right ^= (mixed + fourth[left & 255]) & _WORD
            left, right = right, left
        return right ^ keys[_ROUNDS + 1], left ^ keys[_ROUNDS]


def _words(data: bytes) -> Iterator[int]:
    """Words of 32 bits, of the bytes again and again."""
    endless = itertools.cycle(data)
    while True:
        yield int.from_bytes(bytes(itertools.islice(endless, 4)))


@lru_cache(1)
def _pi() -> tuple[int, ...]:
    """What Blowfish begins with: the digits of pi after the point, in words of 32 bits."""
    count = _ROUNDS + 2 + _BOXES * _BOX_WORDS
    spare = 64
    one = 1 << (32 * count + spare)
    # Machin: pi is 16 times the angle of 1/5, less 4 times that of 1/239.
    pi = 16 * _angle(5, one) - 4 * _angle(239, one)
    digits = (pi - 3 * one) >> spare
    return tuple(digits >> (32 * (count - 1 - at)) & _WORD for at in range(count))


def _angle(inverse: int, one: int) -> int:
    """The arc tangent of ``1 / inverse``, by its series."""
    power = total = one // inverse
    for divisor in itertools.count(3, 2):
        power //= -inverse * inverse
        if not power or power == -1:
            break
        total += power // divisor
    return total


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").translate(_LETTERS).decode()
