"""How a passkey is added and how it signs in: what is asked of the browser, and what it answers.

Nobody says who they are before: the authenticator knows. So there is nobody to ask after.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    encode_cbor,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from web.challenges import LIFE_SECONDS, Challenges
from web.clock import Clock
from web.passkeys import Passkey, Passkeys
from web.people import Person
from web.problems import Problem
from web.relying_party import RelyingParty

T = TypeVar("T")
Credential = Mapping[str, Any]

SITE_NAME = "Constellation Overwatch"
MOST_ID_LETTERS = 1400
TRANSPORTS = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
_LOGIN = "login"
_PREFERRED = UserVerificationRequirement.PREFERRED
# What malformed answers make of the library, besides its own exceptions.
_UNREADABLE = (
    WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError,
    struct.error,
)  # fmt: skip
# The generator of P-256: a key to check against where there is none, so that it takes as long.
_NOBODYS_KEY = bytes_to_base64url(
    encode_cbor(
        {
            1: 2,
            3: -7,
            -1: 1,
            -2: bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            -3: bytes.fromhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
        }
    )
)
_NOBODYS = Passkey("", "", "", "", _NOBODYS_KEY, 0, "", 0)


class Ceremonies:
    def __init__(self, passkeys: Passkeys, party: RelyingParty, clock: Clock) -> None:
        self._passkeys = passkeys
        self._party = party
        self._clock = clock
        # Apart, so that strangers who begin to sign in push nobody out who adds a passkey.
        self._logins, self._registrations = Challenges(clock), Challenges(clock)

    def begin_registration(self, person: Person, session: str) -> str:
        """What the browser is to ask the authenticator for, as JSON."""
        options = generate_registration_options(
            rp_id=self._party.rp_id,
            rp_name=SITE_NAME,
            user_id=person.user_id.encode(),
            user_name=person.email or person.called,
            user_display_name=person.called,
            challenge=self._registrations.make(session),
            timeout=LIFE_SECONDS * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_PREFERRED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(base64url_to_bytes(each.credential_id))
                for each in self._passkeys.of(person.user_id)
            ],
        )
        return options_to_json(options)

    def finish_registration(
        self, person: Person, session: str, credential: Credential, name: str
    ) -> Passkey:
        """Keep what the authenticator has made.

        Raises:
            Problem: 400, the answer is not what was asked for; 409, as ``Passkeys.add``.
        """
        refusal = Problem(400, "The passkey could not be added: please try again.")
        challenge = _challenge(credential, refusal)
        if not self._registrations.take(challenge, session):
            raise refusal
        verified = _checked(
            lambda: verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._party.rp_id,
                expected_origin=self._party.origin,
            ),
            refusal,
        )
        said = credential["response"].get("transports")
        transports = [each for each in TRANSPORTS if isinstance(said, list) and each in said]
        passkey = Passkey(
            bytes_to_base64url(verified.credential_id),
            person.user_id,
            person.org_id,
            name,
            bytes_to_base64url(verified.credential_public_key),
            verified.sign_count,
            ",".join(transports),
            int(self._clock.wall()),
        )
        self._passkeys.add(passkey)
        return passkey

    def begin_login(self) -> str:
        """What the browser is to ask any authenticator for, as JSON."""
        options = generate_authentication_options(
            rp_id=self._party.rp_id,
            challenge=self._logins.make(_LOGIN),
            timeout=LIFE_SECONDS * 1000,
            user_verification=_PREFERRED,
        )
        return options_to_json(options)

    def finish_login(self, credential: Credential) -> Passkey:
        """Whose passkey has answered.

        Raises:
            Problem: 401, whatever the reason: unknown, disabled, forged, copied or too late.
        """
        refusal = Problem(401, "This passkey does not let you in.")
        challenge = _challenge(credential, refusal)
        in_time = self._logins.take(challenge, _LOGIN)
        found = self._passkeys.usable(str(credential.get("id", ""))[:MOST_ID_LETTERS])
        known = found or _NOBODYS
        verified = _checked(
            lambda: verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._party.rp_id,
                expected_origin=self._party.origin,
                credential_public_key=base64url_to_bytes(known.public_key),
                credential_current_sign_count=known.sign_count,
            ),
            refusal,
        )
        handle = credential["response"].get("userHandle")
        theirs = handle == bytes_to_base64url(known.user_id.encode())
        if found is None or not in_time or not theirs:
            raise refusal
        if not self._passkeys.used(found, verified.new_sign_count):
            raise refusal
        return found


def _challenge(credential: Credential, refusal: Problem) -> bytes:
    """The challenge that an answer says it answers."""
    return _checked(
        lambda: (
            parse_client_data_json(
                base64url_to_bytes(credential["response"]["clientDataJSON"])
            ).challenge
        ),
        refusal,
    )


def _checked(check: Callable[[], T], refusal: Problem) -> T:
    try:
        return check()
    except _UNREADABLE as error:
        raise refusal from error
