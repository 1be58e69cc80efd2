# SPDX-License-Identifier: Apache-2.0
"""Whether a name stands beside an award: only the one whose salted fingerprint was signed can.

So a name on a page can be compared with the signature, and taking it away leaves the credential as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials.document import parse
from credentials.identity import NAME
from earning.errors import SharingFieldError, SharingStateError
from earning.programme import Programme
from issuer import names, publish
from service.accounts import people
from service.errors import NoSuchPersonError


@dataclass(frozen=True, slots=True)
class Naming:
    """What an educator can do about the name beside an award.

    Attributes:
        shown: The name that everybody sees, or None.
        fitting: The name that can be shown without typing it, or None.
        is_signed: Whether the fingerprint of a name was signed at all.
    """

    shown: str | None
    fitting: str | None
    is_signed: bool


def naming(programme: Programme, person: str, key: str) -> Naming:
    """Return what can be done about the name beside the award ``key`` of ``person``."""
    found = publish.find(programme.mint, key)
    return Naming(
        shown=names.shown(programme.mint, found),
        fitting=fitting_name(programme, person, key),
        is_signed=_is_signed(found.signed_json or b"{}"),
    )


def fitting_name(programme: Programme, person: str, key: str) -> str | None:
    """Return the name of ``person`` that fits what was signed: of the account, or else the one shown."""
    found = publish.find(programme.mint, key)
    with programme.db.reading() as session:
        try:
            name = people.get(session, person).name
        except NoSuchPersonError:
            return None
    return name if name and names.fits(found, name) else names.shown(programme.mint, found)


def show(programme: Programme, person: str, key: str, typed: str, *, now: datetime) -> None:
    """Show the name beside the award: the account's if it fits, else the ``typed`` one if that does.

    Raises:
        SharingStateError: No name was signed with this award.
        SharingFieldError: The typed name is not the one that was signed.
    """
    found = publish.find(programme.mint, key)
    name = fitting_name(programme, person, key)
    if not _is_signed(found.signed_json or b"{}"):
        raise SharingStateError(
            "This award was signed without a fingerprint of your name, so nobody could check a name beside "
            "it. Your e-mail address is in it as a fingerprint: whoever knows that can check whose it is."
        )
    typed = " ".join(typed.split())
    if name is None and names.fits(found, typed):
        name = typed
    if name is None:
        raise SharingFieldError(
            "This is not the name that was signed. Write it as it stood in your account when you passed.",
            path="name",
        )
    names.show(programme.mint, key, name, now=now, actor=f"person:{person}")


def hide(programme: Programme, person: str, key: str, *, now: datetime) -> None:
    """Show no name beside the award any more."""
    names.hide(programme.mint, key, now=now, actor=f"person:{person}")


def _is_signed(document: bytes) -> bool:
    """Tell whether the document holds the fingerprint of a name."""
    subject = parse(document).members.get("credentialSubject")
    entries = subject.get("identifier") if isinstance(subject, dict) else None
    return any(
        isinstance(each, dict) and each.get("identityType") == NAME and each.get("hashed") is True
        for each in (entries if isinstance(entries, list) else [])
    )
