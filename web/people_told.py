"""People, sessions and invites as the interface has them: what is asked, and what is told."""

from typing import Annotated, Literal

import msgspec

from web import people
from web.invites import Invite, State
from web.moments import moment
from web.people import Person
from web.sessions import Session

Role = Literal["viewer", "operator", "commander", "admin"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=people.MOST_LETTERS)]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]


class UpdateUser(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another; what is left out stays."""

    role: Role | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET
    name: Name | msgspec.UnsetType = msgspec.UNSET


class CreateInvite(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to invite, and what they may do."""

    email: Email
    role: Role


class User(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody of an organisation."""

    user_id: str
    org_id: str
    email: str
    name: str
    role: str
    disabled: bool
    created_at: str
    last_login_at: str = ""


class UserSession(msgspec.Struct, frozen=True):
    """Where somebody is signed in."""

    session_id: str
    created_at: str
    last_used_at: str
    user_agent: str
    address: str


class SentInvite(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An invite. ``link`` is there in the answer to making it, and never again."""

    invite_id: str
    org_id: str
    email: str
    role: str
    state: State
    created_by: str
    created_at: str
    expires_at: str
    link: str = ""


def told_user(person: Person) -> User:
    return User(
        user_id=person.user_id,
        org_id=person.org_id,
        email=person.email,
        name=person.name,
        role=person.role,
        disabled=person.disabled_at is not None,
        created_at=moment(person.created_at),
        last_login_at=moment(person.last_login_at),
    )


def told_session(session: Session) -> UserSession:
    return UserSession(
        session.session_id,
        moment(session.created_at),
        moment(session.last_used_at),
        session.user_agent,
        session.address,
    )


def told_invite(invite: Invite, now: float, link: str = "") -> SentInvite:
    return SentInvite(
        invite_id=invite.invite_id,
        org_id=invite.org_id,
        email=invite.email,
        role=invite.role,
        state=invite.state(now),
        created_by=invite.created_by,
        created_at=moment(invite.created_at),
        expires_at=moment(invite.expires_at),
        link=link,
    )
