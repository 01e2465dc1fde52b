"""An authenticator in software: makes passkeys and signs with them, as the standard says."""

import base64
import hashlib
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One passkey. What it says can be bent, to see who believes it."""

    origin: str
    rp_id: str = "localhost"
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: str = ""
    count: int = 0

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def id(self) -> str:
        return base64url(self.credential_id)

    def create(self, options: dict) -> dict:
        """What ``navigator.credentials.create`` gives for these options."""
        self.user_handle = options["user"]["id"]
        point = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        attested = struct.pack(">16sH", b"", len(self.credential_id)) + self.credential_id
        data = self._data(PRESENT | VERIFIED | ATTESTED) + attested + cbor2.dumps(key)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._credential(
            clientDataJSON=base64url(self._client("webauthn.create", options["challenge"])),
            attestationObject=base64url(cbor2.dumps(attestation)),
            transports=["internal"],
        )

    def get(self, options: dict) -> dict:
        """What ``navigator.credentials.get`` gives for these options."""
        self.count += self.counts
        data = self._data(PRESENT | VERIFIED)
        client = self._client("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client).digest()
        return self._credential(
            clientDataJSON=base64url(client),
            authenticatorData=base64url(data),
            signature=base64url(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            userHandle=self.user_handle,
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return msgspec.json.encode(said)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _credential(self, **response: object) -> dict:
        return {"id": self.id, "rawId": self.id, "type": "public-key", "response": response}
