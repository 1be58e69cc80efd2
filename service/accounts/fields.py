# SPDX-License-Identifier: Apache-2.0
"""What may stand in the fields of an account, and how it is tidied.

Two addresses are the same if they differ only in case or in white space around them; mail goes to the address
as its owner wrote it, with the domain in lower case (as ``credentials.identity`` hashes it). Addresses are
ASCII, so that none looks like another.
"""

from __future__ import annotations

import re
from typing import Any, Final

from service import zones
from service.errors import AccountFieldError

DEFAULT_ZONE: Final = "America/New_York"
EMAIL_CHARS: Final = 254  # characters; RFC 5321, section 4.5.3.1.3, less the angle brackets
LOCAL_PART_CHARS: Final = 64  # characters; RFC 5321, section 4.5.3.1.1
NAME_CHARS: Final = 200  # characters

# HTML Living Standard, "valid email address"; and the domain has a dot, so that a typing error is noticed.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+\Z")
_STATE = re.compile(r"(?:[A-Z]{2})?\Z")


def _email(typed: str) -> str:
    """Return an address as it is kept: no white space around it, the domain in lower case."""
    local, _, domain = typed.strip().rpartition("@")
    email = f"{local}@{domain.lower()}"
    if len(email) > EMAIL_CHARS or len(local) > LOCAL_PART_CHARS or not _EMAIL.match(email):
        raise AccountFieldError(
            "Write an e-mail address, like name@school.example.", path="email", got=typed[:80]
        )
    return email


def email_key(email: str) -> str:
    """Return the form in which two addresses are compared."""
    return email.strip().lower()


def masked(email: str) -> str:
    """Return an address so that its owner knows it and others do not learn it: ``a…@school.example``."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def checked(name: str, value: Any) -> Any:
    """Return the value of a field, tidied; texts are one line without control characters.

    Raises:
        AccountFieldError: It does not fit; ``path`` names the field.
    """
    if name == "email":
        return _email(value)
    if name in ("is_member", "confirmed_at"):
        return value
    text = " ".join(str(value).split())
    fits = text.isprintable() and len(text) <= NAME_CHARS
    if name == "name" and not (fits and text):
        raise AccountFieldError("Write your name as it should stand on an award.", path=name)
    if name == "zone" and not zones.is_zone(text):
        raise AccountFieldError("Choose a time zone from the list.", path=name, got=text[:80])
    if name == "state" and not _STATE.match(text):
        raise AccountFieldError("Write a state as two letters, like WA.", path=name, got=text[:80])
    if not fits or len(text) > {"language": 16, "job": 40}.get(name, NAME_CHARS):
        raise AccountFieldError(f"Write up to {NAME_CHARS} characters.", path=name)
    return text
